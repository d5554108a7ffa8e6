import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandOf, isAlive, isSameProcess, parentOf, processIdentity } from './index.js';

test('a process is known by pid and start, and no more when it has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("up")', 'a-marker']);
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  const identity = await processIdentity(pid);
  expect(identity).toEqual({ pid, started: expect.any(String) as string });
  expect(await commandOf(pid)).toContain('a-marker');
  if (identity === null) throw new Error('no identity');
  expect(await isSameProcess(identity)).toBe(true);
  expect(await isSameProcess({ ...identity, started: '1' })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(pid)).toBe(false);
  expect(await isSameProcess(identity)).toBe(false);
  expect(await processIdentity(pid)).toBeNull();
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a process that has ended and was not waited for is not alive', async () => {
  // The shell starts a child, becomes `sleep` before the child ends, and so never waits for it.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60']);
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(await processIdentity(pid)).toBeNull();
    expect(await parentOf(pid)).toBe(parent.pid);
  } finally {
    parent.kill('SIGKILL');
  }
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandOf, isAlive, isSameProcess, processIdentity } from './index.js';

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

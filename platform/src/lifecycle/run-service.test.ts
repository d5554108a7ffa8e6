import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orion-run-service-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

async function run(body: string): Promise<{ child: ChildProcess; errors: () => string }> {
  const file = join(folder, `service-${children.length}.mjs`);
  const here = new URL('.', import.meta.url).href;
  await writeFile(
    file,
    `import { runService } from '${here}index.js';\nimport { ConfigError } from '${here}../config/index.js';\n
     await runService(async () => { ${body} });`,
  );
  const child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  children.push(child);
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, errors: () => text };
}

const LISTENS = 'const timer = setInterval(() => {}, 1e6); return { port: 7, stop: async () => clearInterval(timer) };';

test.each(['SIGTERM', 'SIGINT'] as const)('announces its port, and %s ends it with 0', async (signal) => {
  const { child } = await run(LISTENS);
  expect((await once(child, 'message'))[0]).toEqual({ type: 'ready', port: 7 });
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a second signal ends at once what does not stop', async () => {
  const { child } = await run(
    'setInterval(() => {}, 1e6); return { port: 7, stop: () => new Promise(() => process.send("stopping")) };',
  );
  await once(child, 'message');
  const stopping = once(child, 'message');
  child.kill('SIGTERM');
  await stopping;
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([1, null]);
});

test('Ctrl-C and the SIGTERM that follows it are one request to stop', async () => {
  const { child } = await run(
    'const timer = setInterval(() => {}, 1e6); return { port: 7, stop: async () => { process.send("stopping"); await new Promise((resolve) => process.once("message", resolve)); clearInterval(timer); } };',
  );
  await once(child, 'message');
  const stopping = once(child, 'message');
  child.kill('SIGINT');
  await stopping;
  child.kill('SIGTERM');
  child.send('go on');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('ends when its parent goes away', async () => {
  const { child } = await run(LISTENS);
  await once(child, 'message');
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('ends at once when it is asked to while it starts', async () => {
  const { child } = await run('process.send("starting"); setInterval(() => {}, 1e6); await new Promise(() => {});');
  await once(child, 'message');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('keeps the exit code of a service that stops itself because something broke', async () => {
  const { child } = await run(
    "setTimeout(() => { process.exitCode = 1; process.kill(process.pid, 'SIGTERM'); }, 10); return { port: 7, stop: async () => {} };",
  );
  expect(await once(child, 'exit')).toEqual([1, null]);
});

test('keeps the exit code of a service that stops itself before it listens', async () => {
  const { child } = await run(
    "setTimeout(() => { process.exitCode = 1; process.kill(process.pid, 'SIGTERM'); }, 10); setInterval(() => {}, 1e6); await new Promise(() => {});",
  );
  expect(await once(child, 'exit')).toEqual([1, null]);
});

test('exits 78 with every problem of its configuration', async () => {
  const { child, errors } = await run('throw new ConfigError(["A is not set", "B: too short"]);');
  expect(await once(child, 'close')).toEqual([78, null]);
  expect(errors()).toContain('A is not set');
  expect(errors()).toContain('B: too short');
});

test('exits 1 when starting fails', async () => {
  const { child, errors } = await run('throw new Error("no database");');
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(errors()).toContain('no database');
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A checkout with services that do nothing but tell what they were given. */
export interface FixtureCheckout {
  readonly root: string;
  remove(): Promise<void>;
}

/**
 * Answers every request with its pid and environment. FIXTURE_REFUSE=name makes that one fail as it starts,
 * FIXTURE_DEAF=name makes it ignore SIGTERM, FIXTURE_SILENT=name become ready
 * only when it is told to stop.
 */
const SERVICE = `
import { createServer } from 'node:http';
const name = process.argv[1].split('/').at(-3);
const { PORT, FIXTURE_REFUSE, FIXTURE_DEAF, FIXTURE_SILENT } = process.env;
console.log(name + ' starts');
if (FIXTURE_REFUSE === name) {
  console.error('PORT: must be even');
  process.exit(78);
}
const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(3);
  response.end(JSON.stringify({ pid: process.pid, env: process.env }));
});
const stop = () => process.exit(0);
process.on('SIGTERM', () => {
  if (FIXTURE_SILENT === name) process.send({ type: 'ready', port: server.address().port }, stop);
  else if (FIXTURE_DEAF !== name) stop();
});
process.on('disconnect', stop);
server.listen(Number(PORT), '127.0.0.1', () => {
  if (FIXTURE_SILENT !== name) process.send({ type: 'ready', port: server.address().port });
});
`;

/** Writes a temporary checkout with the given subgraphs and a gateway. */
export async function writeFixtureCheckout(subgraphs: Readonly<Record<string, number>>): Promise<FixtureCheckout> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'orion-checkout-'));
  await writeService(path.join(root, 'gateway'), { port: 4000 });
  for (const [name, port] of Object.entries(subgraphs))
    await writeService(path.join(root, 'subgraphs', name), { port });
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

async function writeService(folder: string, { port }: { readonly port: number }): Promise<void> {
  await mkdir(path.join(folder, 'dist'), { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module', orion: { port } }));
  await writeFile(path.join(folder, 'dist', 'main.js'), SERVICE);
}

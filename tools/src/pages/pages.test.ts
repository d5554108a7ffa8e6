import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { graphiqlFolder, openGraphiql } from './index.js';

/** Copies a source file as Vite would bundle it; VITE=fail and VITE=hang in it change what it does. */
const FAKE_VITE = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const out = process.argv[process.argv.indexOf('--outDir') + 1];
const source = readFileSync('src/main.tsx', 'utf8');
if (source.includes('VITE=fail')) { console.error('src/main.tsx: <Unexpected> token'); process.exit(1); }
mkdirSync(out + '/assets', { recursive: true });
if (source.includes('VITE=hang')) setInterval(() => undefined, 1000);
writeFileSync(out + '/assets/main-12345678.js', source);
writeFileSync(out + '/demo.json', '{"accounts":[]}');
writeFileSync(out + '/index.html', 'the page');
`;
const ACCOUNTS = [{ name: 'alice' }];

let root: string;
let dataDir: string;
const signal = new AbortController().signal;
let installations: number;
const addRest = (): Promise<void> => {
  installations += 1;
  return Promise.resolve();
};

beforeEach(async () => {
  installations = 0;
  root = await mkdtemp(path.join(os.tmpdir(), 'orion-pages-'));
  dataDir = path.join(root, '.orion');
  await write('node_modules/vite/bin/vite.js', FAKE_VITE);
  await write('node_modules/vite/package.json', '{"type":"module"}');
  await write('package-lock.json', '{}');
  for (const name of ['index.html', 'package.json', 'tsconfig.json', 'vite.config.ts', 'public/icon.svg'])
    await write(`explorer/${name}`, '{}');
  await write('explorer/src/main.tsx', 'one');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
}

const open = () => openGraphiql({ root, dataDir, accounts: ACCOUNTS });
const served = (name: string): Promise<string> => readFile(path.join(graphiqlFolder(dataDir), name), 'utf8');

test('a first start serves a page that reloads itself, until the real one is built', async () => {
  const graphiql = await open();
  expect(graphiql.isReady).toBe(false);
  expect(await served('index.html')).toMatch(/http-equiv="refresh"[^]*GraphiQL is being built/);
  await graphiql.finish({ addRest, signal });
  expect(installations).toBe(1);
  expect(await served('index.html')).toBe('the page');
  expect(await served('assets/main-12345678.js')).toBe('one');
  expect(JSON.parse(await served('demo.json'))).toEqual({ accounts: ACCOUNTS });
});

test('the next start has it at once, without the accounts of the one before', async () => {
  await (await open()).finish({ addRest, signal });
  const graphiql = await openGraphiql({ root, dataDir, accounts: [] });
  expect(graphiql.isReady).toBe(true);
  expect(await served('index.html')).toBe('the page');
  expect(JSON.parse(await served('demo.json'))).toEqual({ accounts: [] });
});

test.each(['explorer/src/main.tsx', 'explorer/public/icon.svg', 'package-lock.json'])(
  'a change of %s makes it build again',
  async (file) => {
    await (await open()).finish({ addRest, signal });
    await write(file, 'two');
    const graphiql = await open();
    expect(graphiql.isReady).toBe(false);
    expect(existsSync(path.join(graphiqlFolder(dataDir), 'assets'))).toBe(false);
    await graphiql.finish({ addRest, signal });
    expect((await open()).isReady).toBe(true);
  },
);

test('what does not build is told on the page, and leaves nothing half done', async () => {
  await write('explorer/src/main.tsx', 'VITE=fail');
  const graphiql = await open();
  await expect(graphiql.finish({ addRest, signal })).rejects.toThrow('explorer could not be bundled.');
  const page = await served('index.html');
  expect(page).toContain('GraphiQL could not be built');
  expect(page).toContain('src/main.tsx: &#60;Unexpected&#62; token');
  expect(page).not.toContain('refresh');
  expect((await open()).isReady).toBe(false);
});

test('an installation that fails is told with its advice', async () => {
  const refuse = () => Promise.reject(Object.assign(new Error('npm is away'), { advice: ['Check the connection.'] }));
  const graphiql = await open();
  await expect(graphiql.finish({ addRest: refuse, signal })).rejects.toThrow('npm is away');
  expect(await served('index.html')).toMatch(/npm is away\nCheck the connection\./);
});

test('a stop in the middle ends the build and is no failure', async () => {
  await write('explorer/src/main.tsx', 'VITE=hang');
  const graphiql = await open();
  const stop = new AbortController();
  const finished = graphiql.finish({ addRest, signal: stop.signal });
  const staging = path.join(root, 'explorer', 'dist', `page.${process.pid}`, 'assets');
  while (!existsSync(staging)) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await expect(finished).resolves.toBeUndefined();
  expect(existsSync(staging)).toBe(false);
  expect(await served('index.html')).toContain('GraphiQL is being built');
});

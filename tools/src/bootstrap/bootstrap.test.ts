import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../process-info/index.js';

const BOOTSTRAP = fileURLToPath(new URL('../../bootstrap', import.meta.url));
const LOCKFILE = JSON.stringify({
  packages: {
    '': {},
    'node_modules/typescript': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/elsewhere': { version: '1.0.0', integrity: 'sha512-b', optional: true, os: ['none'] },
  },
});

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'orion-bootstrap-test-'));
  cpSync(BOOTSTRAP, path.join(root, 'tools', 'bootstrap'), { recursive: true });
  write('package.json', JSON.stringify({ type: 'module', engines: { node: '>=20.0.0' }, workspaces: ['tools'] }));
  write('package-lock.json', LOCKFILE);
  write('tools/tsconfig.json', '{}');
  mkdirSync(path.join(root, 'subgraphs'));
  write(
    'tools/dist/start/main.js',
    `export const start = async ({ port, addRest }) => {
      if (process.env.ADD_REST) await addRest();
      console.log('started on', port);
      return 0;
    };`,
  );
  write('npm/npm-cli.js', FAKE_NPM);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Counts its runs, and makes what the steps after it need. FAKE_NPM=fail|hang changes what it does. */
const FAKE_NPM = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('npm-runs', process.argv.slice(2).join(' ') + '\\n');
if (process.env.FAKE_NPM === 'fail') {
  console.error('npm warn deprecated something@1\\nnpm error code ENOTFOUND\\nnpm error network request failed');
  process.exit(1);
}
mkdirSync('node_modules/typescript/bin', { recursive: true });
if (process.env.FAKE_NPM === 'hang') {
  process.on('SIGTERM', () => undefined);
  writeFileSync('npm-pid', String(process.pid));
  setInterval(() => undefined, 1000);
}
else {
  writeFileSync('node_modules/typescript/bin/tsc', "import { appendFileSync } from 'node:fs'; appendFileSync('tsc-runs', process.argv.slice(2).join(' ') + '\\\\n'); if (process.env.FAKE_TSC) { console.log('a.ts(1,1): error TS1: wrong'); process.exit(2); }");
  mkdirSync('node_modules/jest/bin', { recursive: true });
  writeFileSync('node_modules/jest/bin/jest.js', "console.log('jest', process.argv.slice(2).join(' ')); process.exitCode = 7;");
}
`;

function write(file: string, text: string): void {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}

function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { ...(PATH === undefined ? {} : { PATH }), npm_execpath: path.join(root, 'npm', 'npm-cli.js'), ...extra };
}

function run(
  entry: 'start' | 'test',
  args: readonly string[] = [],
  { env }: { readonly env?: Record<string, string> } = {},
) {
  return spawnSync(process.execPath, [path.join(root, 'tools', 'bootstrap', `${entry}.mjs`), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: environment(env),
  });
}

function lines(file: string): string[] {
  const target = path.join(root, file);
  return existsSync(target) ? readFileSync(target, 'utf8').trim().split('\n') : [];
}

describe('Node version', () => {
  test('a wrong one is told in one line with the needed range, exit 1, and nothing is installed', () => {
    write('package.json', JSON.stringify({ type: 'module', engines: { node: '^97.1.0 || >=99.0.0' } }));
    for (const entry of ['start', 'test'] as const) {
      const { status, stdout, stderr } = run(entry);
      expect(status).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^ORION needs Node \^97\.1\.0 \|\| >=99\.0\.0; this is [^\n]+\n$/);
    }
    expect(existsSync(path.join(root, 'npm-runs'))).toBe(false);
  });

  test.each([
    ['20.19.0', true],
    ['20.20.2', true],
    ['20.18.3', false],
    ['21.7.3', false],
    ['22.12.0', false],
    ['22.13.0', true],
    ['24.1.0', true],
    ['25.0.0-nightly20251101', true],
    ['14.21.3', false],
  ])('%s satisfies the range of package.json: %s', async (version, expected) => {
    const { satisfies } = (await import(path.join(BOOTSTRAP, 'node-version.mjs'))) as {
      readonly satisfies: (version: string, range: string) => boolean;
    };
    expect(satisfies(version, '^20.19.0 || >=22.13.0')).toBe(expected);
  });
});

describe('arguments', () => {
  test.each([
    [['--prot', '5000'], "Unknown option '--prot'"],
    [['--port', 'five'], '--port five: not a port number.'],
    [['now'], "Unexpected argument 'now'"],
  ])('%j is refused with the usage before anything is installed', (args, message) => {
    const { status, stderr } = run('start', args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: npm start');
    expect(existsSync(path.join(root, 'npm-runs'))).toBe(false);
  });

  test('help is help', () => {
    const { status, stdout } = run('start', ['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('--port N');
  });

  test('those of npm test go to jest, and its status comes back', () => {
    const { status, stdout } = run('test', ['some/file', '--verbose']);
    expect(stdout).toContain('jest some/file --verbose');
    expect(status).toBe(7);
  });
});

describe('installation', () => {
  test('runs once, and not again while the lock file is the same', () => {
    const first = run('start', ['--port', '5000']);
    expect(first.stderr).toBe('');
    expect(first.stdout).toBe('started on 5000\n');
    expect(first.status).toBe(0);
    run('start');
    expect(lines('npm-runs')).toEqual(['ci --include=dev --no-audit --no-fund --no-progress']);
    write('package-lock.json', LOCKFILE.replaceAll('1.0.0', '1.0.1'));
    run('start');
    expect(lines('npm-runs')).toHaveLength(2);
  });

  test('start leaves out pages and what developers run, and adds it when asked; test installs everything', () => {
    write(
      'package.json',
      JSON.stringify({
        type: 'module',
        engines: { node: '>=20.0.0' },
        workspaces: ['tools', 'services/*', 'page', 'checks'],
      }),
    );
    for (const folder of ['tools', 'services/one']) write(`${folder}/package.json`, '{}');
    write('page/package.json', JSON.stringify({ orion: { page: 'graphiql' } }));
    write('checks/package.json', JSON.stringify({ orion: { development: true } }));
    const flags = '--include=dev --no-audit --no-fund --no-progress';
    run('start');
    run('start');
    expect(lines('npm-runs')).toEqual([
      `ci ${flags} --include-workspace-root --workspace=tools --workspace=services/one`,
    ]);
    run('test');
    expect(lines('npm-runs').slice(1)).toEqual([`install --no-save ${flags} --workspace=page --workspace=checks`]);
    rmSync(path.join(root, 'node_modules'), { recursive: true });
    run('start', [], { env: { ADD_REST: '1' } });
    run('start', [], { env: { ADD_REST: '1' } });
    expect(lines('npm-runs').slice(3)).toEqual([`install --no-save ${flags} --workspace=page --workspace=checks`]);
    run('test');
    expect(lines('npm-runs')).toHaveLength(4);
  });

  test('one that was cut short is done again', () => {
    mkdirSync(path.join(root, 'node_modules', 'typescript'), { recursive: true });
    run('start');
    expect(lines('npm-runs')).toHaveLength(1);
  });

  test('one made by hand is accepted when it is whole and of this lock file', () => {
    run('start');
    rmSync(path.join(root, 'node_modules', '.orion-install'));
    write('node_modules/.package-lock.json', LOCKFILE.replace('"node_modules/elsewhere"', '"node_modules/unknown"'));
    expect(run('start').status).toBe(0);
    expect(lines('npm-runs')).toHaveLength(1);
    rmSync(path.join(root, 'node_modules', '.orion-install'));
    write('node_modules/.package-lock.json', LOCKFILE.replaceAll('1.0.0', '0.9.0'));
    run('start');
    expect(lines('npm-runs')).toHaveLength(2);
  });

  test('a failure is told with its reason and what to do, without the warnings of npm', () => {
    const { status, stderr } = run('start', [], { env: { FAKE_NPM: 'fail' } });
    expect(status).toBe(1);
    expect(stderr).toContain('the dependencies could not be installed: npm does not reach the package registry.');
    expect(stderr).toContain('Check the connection');
    expect(stderr).not.toContain('deprecated');
    // And is not taken for an installation.
    run('start');
    expect(lines('npm-runs')).toHaveLength(2);
  });

  test('Ctrl-C in the middle leaves no npm, not even one that does not want to stop', async () => {
    const child = spawn(process.execPath, [path.join(root, 'tools', 'bootstrap', 'start.mjs')], {
      cwd: root,
      env: environment({ FAKE_NPM: 'hang' }),
    });
    while (lines('npm-pid').length === 0) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGINT');
    const [status] = (await once(child, 'exit')) as [number];
    expect(status).toBe(130);
    expect(isAlive(Number(lines('npm-pid')[0]))).toBe(false);
    expect(existsSync(path.join(root, '.orion', 'bootstrap.lock'))).toBe(false);
  });
});

describe('build', () => {
  test('what does not compile is shown, exit 1', () => {
    const { status, stderr } = run('start', [], { env: { FAKE_TSC: 'fail' } });
    expect(status).toBe(1);
    expect(stderr).toContain('the source does not compile');
    expect(stderr).toContain('a.ts(1,1): error TS1: wrong');
  });

  test('start builds services and tools, test everything', () => {
    write('subgraphs/billing/tsconfig.json', '{}');
    write('tsconfig.json', '{}');
    run('start');
    run('test');
    expect(lines('tsc-runs')).toEqual(['-b tools subgraphs/billing', '-b .']);
  });

  test('compiled files whose source is gone are removed, and nothing else', () => {
    for (const suffix of ['.js', '.js.map', '.d.ts', '.d.ts.map']) {
      write(`tools/dist/old/gone.test${suffix}`, '');
      write(`tools/dist/old/kept.test${suffix}`, '');
    }
    write('tools/dist/old/page.js', 'not written by the compiler');
    write('tools/src/old/kept.test.ts', '');
    expect(run('start').status).toBe(0);
    expect(existsSync(path.join(root, 'tools/dist/old/gone.test.js'))).toBe(false);
    expect(existsSync(path.join(root, 'tools/dist/old/gone.test.d.ts.map'))).toBe(false);
    expect(existsSync(path.join(root, 'tools/dist/old/kept.test.js'))).toBe(true);
    expect(existsSync(path.join(root, 'tools/dist/old/page.js'))).toBe(true);
  });
});

test('two starts at once: one waits for the other, and a lock left by a dead process does not count', async () => {
  write('.orion/bootstrap.lock', '4194303');
  expect(run('start').status).toBe(0);
  write('.orion/bootstrap.lock', String(process.pid));
  const child = spawn(process.execPath, [path.join(root, 'tools', 'bootstrap', 'start.mjs')], {
    cwd: root,
    env: environment(),
  });
  const [text] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string];
  expect(text).toContain('waiting for another start or test');
  rmSync(path.join(root, '.orion', 'bootstrap.lock'));
  const [status] = (await once(child, 'exit')) as [number];
  expect(status).toBe(0);
});

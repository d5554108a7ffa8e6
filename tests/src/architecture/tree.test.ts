import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { lintCheckout } from './lint-sandbox.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const LONGEST_FILE = 600;

/** Files that are or would be committed. */
function gitFiles(...patterns: readonly string[]): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => file !== '');
}

const sources = gitFiles('*.ts', '*.tsx', '*.mjs').map((file) => ({ file, text: readSource(file) }));

/** A file that is deleted and not yet committed is still known to git. */
function readSource(file: string): string {
  try {
    return readFileSync(path.join(ROOT, file), 'utf8');
  } catch {
    // What is not there has no lines.
    return '';
  }
}

test('no module of the checkout is part of an import cycle', async () => {
  const problems = await lintCheckout({
    plugins: ['import'],
    categories: { correctness: 'off' },
    rules: { 'import/no-cycle': 'error' },
    ignorePatterns: ['**/dist/**', '**/node_modules/**'],
  });
  expect(problems).toEqual([]);
}, 60_000);

test(`no file has more than ${LONGEST_FILE} lines`, () => {
  const long = sources.filter(({ text }) => text.split('\n').length > LONGEST_FILE + 1).map(({ file }) => file);
  expect(long).toEqual([]);
});

test('source files are ASCII', () => {
  const other = sources
    .filter(({ file }) => !file.startsWith('console/') && !file.endsWith('.test.ts'))
    .flatMap(({ file, text }) =>
      text.split('\n').flatMap((line, index) => (/[^ -~\t\r]/.test(line) ? [`${file}:${index + 1}`] : [])),
    );
  expect(other).toEqual([]);
});

test('a workspace depends on no workspace that it may not import', () => {
  const manifests = gitFiles('*/package.json').filter((file) =>
    /^(?:platform|gateway|explorer|client|console|subgraphs\/[^/]+)\/package\.json$/.test(file),
  );
  const allowed = (file: string): readonly string[] => {
    if (file.startsWith('subgraphs/') || file.startsWith('gateway/')) return ['@orion/platform'];
    return file.startsWith('console/') ? ['@orion/client'] : [];
  };
  const forbidden = manifests.flatMap((file) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readSource(file)) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string> | undefined
    >;
    const workspaces = Object.keys({ ...dependencies, ...devDependencies }).filter((name) =>
      name.startsWith('@orion/'),
    );
    return workspaces.filter((name) => !allowed(file).includes(name)).map((name) => `${file}: ${name}`);
  });
  expect(forbidden).toEqual([]);
});

test('every override and every install script that is off has its reason in docs/dependencies.md', () => {
  const page = readSource('docs/dependencies.md');
  const { overrides, allowScripts } = JSON.parse(readSource('package.json')) as Record<
    'overrides' | 'allowScripts',
    object
  >;
  const unexplained = [...Object.keys(overrides), ...Object.keys(allowScripts)].filter(
    (name) => !page.includes(`\`${name}\``),
  );
  expect(unexplained).toEqual([]);
});

test('every dependency has one exact version, the same everywhere', () => {
  const manifests = ['package.json', ...gitFiles('*/package.json')].map(readSource).filter((text) => text !== '');
  const versions = new Map<string, Set<string>>();
  for (const text of manifests) {
    const manifest = JSON.parse(text) as Record<string, Readonly<Record<string, string>> | undefined>;
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      for (const [name, version] of Object.entries(manifest[kind] ?? {}))
        versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
  }
  const wrong = [...versions].filter(
    ([, found]) => found.size > 1 || [...found].some((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
  );
  expect(wrong).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const WORKSPACES = ['platform', 'gateway', 'subgraphs', 'tools', 'tests'];
const ITEMS = Array.from({ length: 90 }, (_, index) => String(index + 1).padStart(2, '0'));

/** Files with the source of tests, relative to the checkout. */
const files = WORKSPACES.flatMap((workspace) =>
  readdirSync(path.join(ROOT, workspace), { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(?!.*\b(?:node_modules|dist)\b).*\.test\.ts$/.test(file.replaceAll('\\', '/')))
    .map((file) => path.posix.join(workspace, file.replaceAll('\\', '/'))),
);

/** The numbers that titles in a file begin with; a title is a text that directly follows a parenthesis. */
function itemsIn(file: string): readonly string[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const titles = [...text.matchAll(/\(\s*['"`]((?:ID-\d\d[ :,]*)+)/g)];
  return titles.flatMap(([, numbers = '']) => [...numbers.matchAll(/ID-(\d\d)/g)].map(([, number = '']) => number));
}

/** Test files of each number, in order of their names. */
const filesOf = new Map<string, readonly string[]>();
for (const file of files.toSorted()) {
  for (const item of new Set(itemsIn(file))) filesOf.set(item, [...(filesOf.get(item) ?? []), file]);
}

test('each of the 90 items of the checklist has a test', () => {
  expect(ITEMS.filter((item) => !filesOf.has(item))).toEqual([]);
});

test('no title names a number that is not on the list', () => {
  expect([...filesOf.keys()].filter((item) => !ITEMS.includes(item))).toEqual([]);
});

test('docs/security-checklist.md names each item, and the files that test it', () => {
  const page = readFileSync(path.join(ROOT, 'docs/security-checklist.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (\d\d) \|.*\| ([^|]*) \|$/gm)].map(([, item = '', cell = '']) => [
    item,
    [...cell.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = '']) => file),
  ]);
  expect(rows).toEqual(ITEMS.map((item) => [item, filesOf.get(item) ?? []]));
});

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PAGES = ['docs/asvs.md', 'docs/security-checklist.md', 'docs/security.md'] as const;
/** Requirements of level 1 and 2 in each section of ASVS 5.0.0, in the order of its chapters. */
const SECTIONS: Readonly<Record<string, number>> = {
  ...{ '1.1': 2, '1.2': 9, '1.3': 11, '1.4': 3, '1.5': 2, '2.1': 3, '2.2': 3, '2.3': 4, '2.4': 1 },
  ...{ '3.2': 2, '3.3': 4, '3.4': 6, '3.5': 5, '3.7': 2, '4.1': 3, '4.2': 1, '4.3': 2, '4.4': 4 },
  ...{ '5.1': 1, '5.2': 3, '5.3': 2, '5.4': 3, '6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5, '6.6': 3, '6.8': 4 },
  ...{ '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 2, '7.6': 2, '8.1': 2, '8.2': 3, '8.3': 1, '8.4': 1 },
  ...{ '9.1': 3, '9.2': 4, '10.1': 2, '10.2': 2, '10.3': 4, '10.4': 11, '10.5': 5, '10.6': 2, '10.7': 3 },
  ...{ '11.1': 2, '11.2': 3, '11.3': 3, '11.4': 4, '11.5': 1, '11.6': 1, '12.1': 3, '12.2': 2, '12.3': 4 },
  ...{ '13.1': 1, '13.2': 5, '13.3': 2, '13.4': 5, '14.1': 2, '14.2': 4, '14.3': 3, '15.1': 3, '15.2': 3, '15.3': 7 },
  ...{ '16.1': 1, '16.2': 5, '16.3': 4, '16.4': 3, '16.5': 3, '17.1': 1, '17.2': 4, '17.3': 2 },
};

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** Links of a page to files of the checkout, each with the fragment and the quoted title that may follow it. */
function linksOf(
  page: string,
): readonly { readonly file: string; readonly fragment?: string; readonly title?: string }[] {
  return [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)(?: "([^"]+)")?/g)].map(
    ([, target = '', fragment, title]) => ({
      file: target === '' ? page : path.posix.join('docs', target),
      ...(fragment === undefined ? {} : { fragment }),
      ...(title === undefined ? {} : { title }),
    }),
  );
}

/** The fragments by which headings of a page can be reached, as its readers' viewers make them. */
function fragmentsOf(page: string): readonly string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(PAGES)('%s', (page) => {
  const links = linksOf(page);

  test('names only files that are there', () => {
    expect(links.length).toBeGreaterThan(10);
    expect(links.map(({ file }) => file).filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
    const inline = [...read(page).matchAll(/`((?:platform|gateway|subgraphs|tools|tests|schema|docs)\/[\w./-]*)`/g)];
    expect(inline.map(([, file = '']) => file).filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  test('names only headings and tests that are there', () => {
    const wrong = links.filter(
      ({ file, fragment, title }) =>
        (fragment !== undefined && !fragmentsOf(file).includes(fragment)) ||
        (title !== undefined && !read(file).includes(title)),
    );
    expect(wrong).toEqual([]);
  });

  test('names only items of the checklist', () => {
    const named = [...read(page).matchAll(/ID-(\d+)/g)].map(([, number]) => Number(number));
    expect(named.filter((number) => number < 1 || number > 90)).toEqual([]);
  });
});

test('docs/asvs.md has each requirement of level 1 and 2 once, with what it asks for and how it is met', () => {
  const rows = [...read('docs/asvs.md').matchAll(/^\| (\d+\.\d+)\.\d+ \| [12] \| [^|]+ \| [^|]+ \| [^|]{4,} \|$/gm)];
  const counted = rows.reduce<Record<string, number>>(
    (sections, [, section = '']) => ({ ...sections, [section]: (sections[section] ?? 0) + 1 }),
    {},
  );
  expect(counted).toEqual(SECTIONS);
  expect(new Set(rows.map(([row]) => row.split(' ')[1])).size).toBe(rows.length);
});

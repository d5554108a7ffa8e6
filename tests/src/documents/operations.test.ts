import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const schema = buildSchema(readFileSync(path.join(ROOT, 'schema/api.graphql'), 'utf8'));

/** What a page shows as GraphQL, each block by itself. */
function blocksOf(page: string): readonly string[] {
  const text = readFileSync(path.join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(/^```graphql\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

const pages = readdirSync(path.join(ROOT, 'docs')).filter((page) => page.endsWith('.md') && blocksOf(page).length > 0);

test('there are pages with operations', () => {
  expect(pages).toContain('identity.md');
});

test.each(pages)('every operation of docs/%s can be sent as it is', (page) => {
  for (const block of blocksOf(page)) {
    expect({ block, errors: validate(schema, parse(block)).map(({ message }) => message) }).toEqual({
      block,
      errors: [],
    });
  }
});

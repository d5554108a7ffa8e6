import { parse } from 'graphql';
import { findUnstorableText } from './refuse-unstorable-text.js';

const query = parse('query ($filter: Filter) { users(filter: $filter) { id } }');

test.each([
  ['U+0000 in a variable', { filter: { search: 'a\u0000b' } }],
  ['half a surrogate pair, the first', { filter: { types: ['a\ud800b'] } }],
  ['half a surrogate pair, the second', { filter: { types: ['\udc00'] } }],
  ['U+0000 in a key of JSON', { filter: { data: { 'a\u0000': 1 } } }],
])('%s is refused as bad input', (_what, variables) => {
  expect(findUnstorableText(query, variables)?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
});

test('U+0000 in a literal is refused as bad input', () => {
  expect(findUnstorableText(parse('{ user(id: "a\\u0000") { id } }'), {})?.message).toMatch(/U\+0000/);
});

test('every other text passes, whole surrogate pairs among it', () => {
  expect(findUnstorableText(query, { filter: { search: 'na\u00efve \u{1F600} \u6f22\u5b57\n' } })).toBeUndefined();
});

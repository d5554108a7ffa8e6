import { canonicalJson, isStorableJson } from './json-value.js';

test('the order of keys makes no difference, the order of items does', () => {
  expect(canonicalJson({ b: [1, { y: null, x: '\u00e9' }], a: true })).toBe(
    '{"a":true,"b":[1,{"x":"\u00e9","y":null}]}',
  );
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test('what jsonb refuses, or what is a burden to walk, is not storable', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  for (const value of [null, 'text \\u0000', { a: ['\u{1f680}'] }, deep(32)]) expect(isStorableJson(value)).toBe(true);
  for (const value of ['\0', { '\0': 1 }, ['\ud800'], { a: '\udc00x' }, deep(33), deep(5_000)])
    expect(isStorableJson(value)).toBe(false);
});

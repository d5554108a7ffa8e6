import { canonicalJson, isStorableJson, storableJson } from './index.js';

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

test('storable JSON keeps all that jsonb takes and replaces what it refuses', () => {
  const fine = { a: [1, null, true, 'text \u{1f680}'] };
  expect(storableJson(fine)).toEqual(fine);
  const replaced = storableJson({ 'k\0': ['\ud800x', '\0'] });
  expect(replaced).toEqual({ 'k\ufffd': ['\ufffdx', '\ufffd'] });
  expect(isStorableJson(replaced)).toBe(true);
});

import { isDeeperThan, nestingOf } from './nesting.js';

test.each<[string, string, number]>([
  ['fields', '{ a { b { c } } }', 3],
  ['arguments and values', '{ a(x: [{ y: [1] }]) }', 5],
  ['brackets in strings', String.raw`{ a(x: "[[[{{{\"[[[" ) }`, 2],
  ['brackets in block strings', '{ a(x: """ [[[ " {{{ \\""" (((""") }', 2],
  ['brackets in comments', '{ a # [[[ " {{{\n(x: 1) }', 2],
  ['a string that never ends', '{ a(x: "[[[', 2],
  ['a block string that never ends', '{ a(x: """[[[', 2],
])('nesting of %s', (_what, document, depth) => {
  expect(nestingOf(document)).toBe(depth);
});

test('a megabyte is measured in well under a second, whatever is in it', () => {
  for (const piece of ['"', '"""', '\\"', '#', '[', '""""', '"\\']) {
    const startedAt = performance.now();
    nestingOf(piece.repeat(1_000_000 / piece.length));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  }
});

test('JSON is as deep as its deepest branch', () => {
  expect(isDeeperThan({ a: [1, { b: 2 }] }, 3)).toBe(false);
  expect(isDeeperThan({ a: [1, { b: 2 }] }, 2)).toBe(true);
  expect(isDeeperThan('text', 0)).toBe(false);
  let deep: unknown = 1;
  for (let level = 0; level < 1_000_000; level += 1) deep = [deep];
  expect(isDeeperThan(deep, 200)).toBe(true);
});

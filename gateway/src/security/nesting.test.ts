import { isDeeperThan, isTextDeeperThan } from './nesting.js';

test.each<[string, string, number]>([
  ['fields', '{ a { b { c } } }', 3],
  ['arguments and values', '{ a(x: [{ y: [1] }]) }', 5],
  ['brackets in strings', String.raw`{ a(x: "[[[{{{\"[[[" ) }`, 2],
  ['brackets in block strings', '{ a(x: """ [[[ " {{{ \\""" (((""") }', 2],
  ['brackets in comments', '{ a # [[[ " {{{\n(x: 1) }', 2],
  ['a string that never ends', '{ a(x: "[[[', 2],
  ['a block string that never ends', '{ a(x: """[[[', 2],
])('nesting of %s', (_what, document, depth) => {
  expect(isTextDeeperThan(document, depth, 100)).toBe(false);
  expect(isTextDeeperThan(document, depth - 1, 100)).toBe(true);
});

test('a megabyte is measured in well under a second, whatever is in it', () => {
  for (const piece of ['"', '"""', '\\"', '#', '[', '""""', '"\\']) {
    const startedAt = performance.now();
    isTextDeeperThan(piece.repeat(1_000_000 / piece.length), 200, 5_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  }
});

test('a document of more tokens than are taken is left to the parser', () => {
  const long = `${'{} '.repeat(60)}${'['.repeat(300)}`;
  expect(isTextDeeperThan(long, 200, 1_000)).toBe(true);
  expect(isTextDeeperThan(long, 200, 100)).toBe(false);
});

test('JSON is as deep as its deepest branch', () => {
  expect(isDeeperThan({ a: [1, { b: 2 }] }, 3)).toBe(false);
  expect(isDeeperThan({ a: [1, { b: 2 }] }, 2)).toBe(true);
  expect(isDeeperThan('text', 0)).toBe(false);
  let deep: unknown = 1;
  for (let level = 0; level < 1_000_000; level += 1) deep = [deep];
  expect(isDeeperThan(deep, 200)).toBe(true);
});

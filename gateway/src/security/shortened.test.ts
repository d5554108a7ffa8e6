import { shortened } from './shortened.js';

test('a message of ordinary length is left as it is', () => {
  expect(shortened('x'.repeat(1_000))).toBe('x'.repeat(1_000));
});

test('of a long one the beginning is kept', () => {
  expect(shortened(`${'x'.repeat(1_000)}y`)).toBe(`${'x'.repeat(1_000)}…`);
});

test('no character is cut in half', () => {
  expect(shortened(`${'x'.repeat(999)}😀`)).toBe(`${'x'.repeat(999)}…`);
});

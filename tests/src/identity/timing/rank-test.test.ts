import { compare } from './rank-test.js';

const series = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => from + ((index * 37) % 100));

test('series of the same kind are told from those that are shifted', () => {
  expect(compare(series(100, 0), series(100, 0.5)).p).toBeGreaterThan(0.5);
  expect(compare(series(100, 100), series(100, 130)).p).toBeLessThan(0.001);
  expect(compare(series(100, 100), series(100, 130)).difference).toBeCloseTo(0.2, 1);
});

test('p is what the tables say', () => {
  // Of the numbers from 1 to 40 the odd and the even ones: U = 190, z = 0.2705.
  const odd = Array.from({ length: 20 }, (_, index) => 2 * index + 1);
  const even = odd.map((value) => value + 1);
  expect(compare(odd, even).p).toBeCloseTo(0.7868, 3);
  // One above the other: U = 0, z = 5.4101.
  expect(
    compare(
      odd,
      odd.map((value) => value + 100),
    ).p,
  ).toBeLessThan(1e-6);
});

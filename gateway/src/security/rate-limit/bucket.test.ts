import { jest } from '@jest/globals';
import { createBuckets } from './bucket.js';

const START = Date.parse('2026-01-01T00:00:00Z');

beforeEach(() => {
  jest.useFakeTimers({ now: START });
});

afterEach(() => {
  jest.useRealTimers();
});

test('a full minute may be taken at once, and then one at a time as the minute passes', () => {
  const buckets = createBuckets();
  const take = () => buckets.take('a', 60);
  expect(Array.from({ length: 60 }, () => take().remaining)).toEqual(Array.from({ length: 60 }, (_, at) => 59 - at));
  expect(take()).toEqual({ isAllowed: false, remaining: 0, resetMs: 60_000, retryMs: 1_000 });
  jest.setSystemTime(START + 999);
  expect(take()).toMatchObject({ isAllowed: false, retryMs: 1 });
  jest.setSystemTime(START + 1_000);
  expect(take()).toMatchObject({ isAllowed: true, remaining: 0 });
  expect(take()).toMatchObject({ isAllowed: false, retryMs: 1_000 });
  jest.setSystemTime(START + 1_000 + 60_000);
  expect(take()).toMatchObject({ isAllowed: true, remaining: 59, resetMs: 1_000 });
});

test('one client does not take from another', () => {
  const buckets = createBuckets();
  expect(buckets.take('a', 1).isAllowed).toBe(true);
  expect(buckets.take('a', 1).isAllowed).toBe(false);
  expect(buckets.take('b', 1).isAllowed).toBe(true);
});

test('however many clients there are, memory holds so many buckets, the youngest', () => {
  const buckets = createBuckets(100);
  for (let index = 0; index < 1_000; index += 1) buckets.take(`client-${index}`, 1);
  expect(buckets.take('client-999', 1).isAllowed).toBe(false);
  expect(buckets.take('client-901', 1).isAllowed).toBe(false);
  expect(buckets.take('client-0', 1).isAllowed).toBe(true);
});

test('a full bucket goes before one that is in use', () => {
  const buckets = createBuckets(3);
  buckets.take('old', 1);
  buckets.take('full soon', 60);
  buckets.take('young', 1);
  jest.setSystemTime(START + 2_000);
  buckets.take('new', 1);
  expect(['old', 'young', 'new'].map((key) => buckets.take(key, 1).isAllowed)).toEqual([false, false, false]);
});

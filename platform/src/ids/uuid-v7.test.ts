import { jest } from '@jest/globals';
import { uuidv7, uuidv7Time } from './uuid-v7.js';

describe('uuidv7', () => {
  afterEach(() => jest.restoreAllMocks());

  it('has the layout of RFC 9562: version 7, variant 10, time first', () => {
    const before = Date.now();
    const id = uuidv7();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidv7Time(id).getTime()).toBeGreaterThanOrEqual(before);
    expect(uuidv7Time(id).getTime()).toBeLessThanOrEqual(Date.now() + 1);
  });

  it('rises strictly and never repeats within a process', () => {
    const ids = Array.from({ length: 100_000 }, () => uuidv7());
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].toSorted()).toEqual(ids);
  });

  it('goes on rising when the clock steps back', () => {
    const first = uuidv7();
    jest.spyOn(Date, 'now').mockReturnValue(uuidv7Time(first).getTime() - 60_000);
    expect(uuidv7() > first).toBe(true);
  });
});

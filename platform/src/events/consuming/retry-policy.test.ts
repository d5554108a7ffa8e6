import { UnknownEventVersionError } from '../contracts/resolve-event.js';
import { DEFAULT_RETRY, judgeFailure, retryPolicyOf } from './retry-policy.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const exact = { ...DEFAULT_RETRY, jitter: 'none' } as const;

describe('retry policy', () => {
  it('doubles the wait up to the cap and gives up after the last attempt', () => {
    const verdicts = Array.from({ length: 8 }, (_, attempt) =>
      judgeFailure({ ...exact, capMs: 20_000 }, new Error('no'), { attempt, parkedForMs: 0 }),
    );
    expect(verdicts.map((verdict) => (verdict.state === 'retry' ? verdict.delayMs : verdict.state))).toEqual([
      1_000,
      2_000,
      4_000,
      8_000,
      16_000,
      20_000,
      20_000,
      'dead',
    ]);
    expect(verdicts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('takes off at most half of the wait', () => {
    const waits = Array.from({ length: 500 }, () => {
      const verdict = judgeFailure(DEFAULT_RETRY, new Error('no'));
      return verdict.state === 'retry' ? verdict.delayMs : 0;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(100);
  });

  it('waits a day for somebody who knows the version, without counting attempts', () => {
    const unknown = new UnknownEventVersionError('v2');
    const after = (parkedForMs: number) => judgeFailure(exact, unknown, { attempt: 0, parkedForMs });
    expect(after(0)).toEqual({ state: 'retry', attempt: 0, delayMs: 1_000 });
    expect(after(MINUTE_MS)).toEqual({ state: 'retry', attempt: 0, delayMs: MINUTE_MS });
    expect(after(DAY_MS - 1)).toEqual({ state: 'retry', attempt: 0, delayMs: 5 * MINUTE_MS });
    expect(after(DAY_MS)).toEqual({ state: 'dead', attempt: 0 });
  });

  it('refuses a policy that cannot be kept', () => {
    expect(() => retryPolicyOf({ maxAttempts: 0 })).toThrow(/maxAttempts/);
    expect(() => retryPolicyOf({ factor: 0.5 })).toThrow(/factor/);
    expect(() => retryPolicyOf({ baseMs: Number.NaN })).toThrow(/baseMs/);
    expect(retryPolicyOf({ jitter: 'none' })).toEqual(exact);
  });
});

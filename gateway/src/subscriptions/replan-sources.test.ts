import { testLogger } from '../testing/test-gateway.js';
import { replanSources } from './replan-sources.js';
import type { Source } from './source.js';

/** Keeps the processor busy, as validating and comparing plans does. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

function sourcesOf(count: number): Source[] {
  return Array.from({ length: count }, () => ({}) as Source);
}

test('others get their turn while thousands of subscriptions are prepared anew', async () => {
  let isOver = false;
  let sinceLastTurn = 0;
  let longest = 0;
  const takeTurns = (): void => {
    sinceLastTurn = 0;
    if (!isOver) setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  const applied = new Set<Source>();
  await replanSources(sourcesOf(2_000), {
    prepare: () => {
      work(0.1);
      return Promise.resolve({ ok: false, reasons: [] });
    },
    apply: (source) => {
      applied.add(source);
      sinceLastTurn += 1;
      longest = Math.max(longest, sinceLastTurn);
    },
    isOutdated: () => false,
    logger: testLogger,
  });
  isOver = true;
  expect(applied.size).toBe(2_000);
  // Slices of 5 ms, however long the machine takes for them.
  expect(longest).toBeLessThan(100);
});

test('a newer supergraph ends the work for the older one', async () => {
  let applied = 0;
  await replanSources(sourcesOf(1_000), {
    prepare: () => Promise.resolve({ ok: false, reasons: [] }),
    apply: () => (applied += 1),
    isOutdated: () => applied >= 10,
    logger: testLogger,
  });
  expect(applied).toBe(10);
});

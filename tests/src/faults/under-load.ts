import { setTimeout as wait } from 'node:timers/promises';
import { readLedger, settle } from './ledger.js';
import type { Ledger } from './ledger.js';
import type { ProducerStats } from './process/plan.js';
import type { KeptProcess } from './rig/kept-process.js';
import type { Rig } from './rig/rig.js';
import type { Figures } from './scenario.js';

/** Redelivered events need a moment to show as doubled effects. */
const LATE_DELIVERIES_MS = 700;

/** What a run under load was like. */
export interface Outcome {
  readonly ledger: Ledger;
  readonly producer: ProducerStats;
  /** From the end of the fault, or of the load when that was later, until everything was settled; null: it never was. */
  readonly recoveryMs: number | null;
  readonly problems: readonly string[];
}

/**
 * Waits until the processes work, runs `fault` while the producer writes, stops the producer, waits until everything has
 * settled, stops the processes in order and reads the ledger.
 */
export async function underLoad(
  rig: Rig,
  {
    producer,
    fault,
    settleWithin,
    onSettled,
    producerForgets = false,
  }: {
    readonly producer: KeptProcess;
    readonly fault: () => Promise<void>;
    readonly settleWithin: number;
    /** Looks at what only running processes show. */
    readonly onSettled?: () => Promise<void>;
    /** The producer's database goes back in time: consumers then know events that it does not. */
    readonly producerForgets?: boolean;
  },
): Promise<Outcome> {
  await Promise.all(rig.running().map((one) => one.ready()));
  await fault();
  const stats = await producer.stop();
  const recoveryMs = await settle(rig, { within: settleWithin });
  await wait(LATE_DELIVERIES_MS);
  await onSettled?.();
  const problems: string[] = [];
  if (recoveryMs === null) problems.push(`not settled within ${settleWithin / 1_000} s`);
  for (const one of rig.running()) {
    await one.stop().catch((error: unknown) => problems.push(error instanceof Error ? error.message : String(error)));
  }
  const ledger = await readLedger(rig);
  return {
    ledger,
    recoveryMs,
    problems: [...problems, ...problemsOf(ledger, { producerForgets })],
    producer: stats ?? { committed: 0, failed: 0, longestPauseMs: 0 },
  };
}

/** What every row expects of its ledger besides the three figures. */
export function problemsOf(
  { sent, outbox, waiting, dead, poison, unknown }: Ledger,
  { producerForgets = false }: { readonly producerForgets?: boolean } = {},
): readonly string[] {
  return [
    ...(sent === 0 ? ['nothing was sent'] : []),
    ...(outbox > 0 ? [`${outbox} rows left in an outbox`] : []),
    ...(waiting > 0 ? [`${waiting} events still parked`] : []),
    ...(dead === poison ? [] : [`${dead} dead events, ${poison} expected`]),
    ...(unknown > 0 && !producerForgets ? [`${unknown} effects of events that were never sent`] : []),
  ];
}

/** The figures of a row from its outcome. */
export function figuresOf(
  { ledger, recoveryMs, problems }: Outcome,
  more: { readonly done: string; readonly problems?: readonly string[]; readonly notes?: readonly string[] },
): Figures {
  return {
    done: `${ledger.sent.toLocaleString('en')} sent, ${more.done}`,
    lost: ledger.lost,
    doubled: ledger.doubled,
    disordered: ledger.disordered,
    recoveryMs,
    problems: [...problems, ...(more.problems ?? [])],
    notes: more.notes ?? [],
  };
}

/** Waits until a condition holds; rejects with `what` when it does not in time. */
export async function until(
  what: string,
  { within, every = 50 }: { readonly within: number; readonly every?: number },
  holds: () => Promise<boolean> | boolean,
): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (await Promise.resolve(holds()).catch(() => false)) return Math.round(performance.now() - began);
    if (performance.now() - began > within) throw new Error(`not within ${within} ms: ${what}`);
    await wait(every);
  }
}

/** One figure of a report. */
export interface Figure {
  readonly name: string;
  readonly value: string;
}

/** The value below which `share` of the samples lie, by nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `p50 12 ms, p99 31 ms, n 200` */
export function latencies(samples: readonly number[]): string {
  const ms = (share: number) => `${percentile(samples, share).toFixed(1)} ms`;
  return `p50 ${ms(0.5)}, p99 ${ms(0.99)}, n ${samples.length}`;
}

/** Milliseconds that `work` takes. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const start = performance.now();
  const result = await work();
  return { result, ms: performance.now() - start };
}

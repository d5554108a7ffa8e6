/** What two series of times tell about each other. */
export interface Comparison {
  /** Chance that series of the same distribution differ as much as these (Mann-Whitney, two-sided). */
  readonly p: number;
  /** Difference of the medians, as a share of the smaller one. */
  readonly difference: number;
}

/** Compares two series by ranks: neither outliers nor the shape of the distributions matter. */
export function compare(first: readonly number[], second: readonly number[]): Comparison {
  const [a, b] = [median(first), median(second)];
  return { p: mannWhitney(first, second), difference: Math.abs(a - b) / Math.min(a, b) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((x, y) => x - y);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The normal approximation, which is good from some twenty values a series on; times in ns have no ties to speak of. */
function mannWhitney(first: readonly number[], second: readonly number[]): number {
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ];
  const sorted = all.toSorted((x, y) => x.value - y.value);
  const rankSum = sorted.reduce((sum, { isFirst }, index) => sum + (isFirst ? index + 1 : 0), 0);
  const [n, m] = [first.length, second.length];
  const u = rankSum - (n * (n + 1)) / 2;
  const deviation = Math.sqrt((n * m * (n + m + 1)) / 12);
  return 2 * (1 - normal(Math.abs(u - (n * m) / 2) / deviation));
}

/** Share of a normal distribution below `z` (Abramowitz and Stegun 26.2.17; off by less than 1e-7). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}

/** What the gateway under test holds after a garbage collection, in bytes. */
export interface Sample {
  readonly type: 'sample';
  readonly heapUsed: number;
  /** Buffers, outside of the heap. */
  readonly external: number;
  /** Of the whole process, planner threads included. */
  readonly rss: number;
  /** Supergraphs served since the start. */
  readonly reloads: number;
}

/** Growth of `y` for each unit of `x`: the line of least squares. */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface Random {
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
  /** From 0 up to and without `below`. */
  below(below: number): number;
  pick<T>(items: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    percent: (share) => next() * 100 < share,
    below: (below) => Math.floor(next() * below),
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new Error('there is nothing to pick from');
      return items[Math.floor(next() * items.length)] as T;
    },
  };
}

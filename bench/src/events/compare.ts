import { median, spread } from './statistics.js';

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  /** One round; returns its rate, things a second. */
  run(): Promise<number>;
}

/** What rounds of two sides said. */
export interface Comparison {
  readonly what: string;
  readonly unit: string;
  readonly ours: readonly number[];
  readonly opponent: { readonly name: string; readonly rates: readonly number[] };
  /** Ours over the opponent's, round by round: both of a round met the same machine. */
  readonly ratios: readonly number[];
  readonly goal: number;
}

/** What is compared, and with whom. */
export interface ComparisonPlan {
  readonly what: string;
  /** What a rate counts: `events`, `jobs`. */
  readonly unit: string;
  readonly ours: Side;
  readonly opponents: readonly (Side & { readonly goal: number })[];
  /** Odd, so that the median is a round. */
  readonly rounds: number;
}

/** Runs all sides in turn, A B A B ..., after one round each that does not count. */
export async function compare({ what, unit, ours, opponents, rounds }: ComparisonPlan): Promise<readonly Comparison[]> {
  const sides = [ours, ...opponents];
  const rates = new Map<Side, number[]>(sides.map((side) => [side, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of sides) {
      const rate = await side.run();
      if (round > 0) rates.get(side)?.push(rate);
      const label = round === 0 ? 'warm-up' : `round ${round}`;
      process.stderr.write(`${what}, ${label}: ${side.name} ${Math.round(rate)} ${unit}/s\n`);
    }
  }
  const own = rates.get(ours) ?? [];
  return opponents.map((opponent) => {
    const theirs = rates.get(opponent) ?? [];
    return {
      what,
      unit,
      ours: own,
      opponent: { name: opponent.name, rates: theirs },
      ratios: own.map((rate, round) => rate / (theirs[round] ?? Number.NaN)),
      goal: opponent.goal,
    };
  });
}

/** Comparisons as a table in Markdown. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  return [
    '| | ORION, a second | beside it | a second | ratio [min..max] | goal |',
    '|---|---|---|---|---|---|',
    ...comparisons.map(({ what, unit, ours, opponent, ratios, goal }) =>
      [
        '',
        ` ${what} `,
        ` ${rate(ours)} ${unit} `,
        ` ${opponent.name} `,
        ` ${rate(opponent.rates)} `,
        ` **${median(ratios).toFixed(2)}** [${spread(ratios, 2)}] `,
        ` ${goal} ${median(ratios) >= goal ? 'met' : 'missed'} `,
        '',
      ].join('|'),
    ),
    '',
  ].join('\n');
}

const rate = (rates: readonly number[]): string => Math.round(median(rates)).toLocaleString('en-US');

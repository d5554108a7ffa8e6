import type { Result } from './run-scenario.js';

const HEAD = ['row', 'transport', 'fault', 'done', 'lost', 'doubled', 'out of order', 'recovery', 'took', 'verdict'];

/** The results as a Markdown table. */
export function tableOf(results: readonly Result[]): string {
  return [lineOf(HEAD), lineOf(HEAD.map(() => '---')), ...results.map((result) => lineOf(cellsOf(result)))].join('\n');
}

/** One row, as it is printed while the others still run. */
export function cellsOf({ scenario, transport, figures, passed, seconds }: Result): readonly string[] {
  const { done, lost, doubled, disordered, recoveryMs } = figures;
  return [
    scenario.id,
    transport,
    scenario.title,
    done,
    String(lost),
    String(doubled),
    String(disordered),
    recoveryMs === null ? '-' : `${(recoveryMs / 1_000).toFixed(1)} s`,
    `${seconds.toFixed(0)} s`,
    passed ? 'pass' : 'FAIL',
  ];
}

export function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

import type { Finding } from './finding.js';

/** A change that somebody else would notice. */
export interface BreakingFinding extends Finding {
  /** Schema coordinate or event type: what an `Allow-Breaking` trailer names. */
  readonly subject: string;
}

/** The commit trailer that lets a breaking change through, one for each: `Allow-Breaking: User.email no client used it`. */
export const TRAILER = 'Allow-Breaking';

/**
 * Makes warnings of what was allowed: everything by `allowAll`, else what a trailer names. A type stands for its
 * fields, a field for its arguments.
 */
export function settleBreaking(
  findings: readonly BreakingFinding[],
  { allowAll, allowed }: { readonly allowAll: boolean; readonly allowed: readonly string[] },
): Finding[] {
  return findings.map(({ subject, ...finding }) =>
    allowAll || allowed.some((name) => covers(name, subject))
      ? { ...finding, message: `${finding.message} (allowed)`, severity: 'warning' }
      : {
          ...finding,
          hint: `deprecate it instead, or let it through with the commit trailer "${TRAILER}: ${subject} WHY"`,
        },
  );
}

function covers(name: string, subject: string): boolean {
  return (
    subject === name ||
    subject.startsWith(`${name}.`) ||
    subject.startsWith(`${name}(`) ||
    subject.startsWith(`${name}#`)
  );
}

import type { DeadLetterFilter } from './dead-letter.types.js';

/** Conditions over the alias `t` of dead_letters, and the values of their parameters. */
export interface DeadLetterConditions {
  readonly where: readonly string[];
  readonly parameters: readonly unknown[];
}

const CONDITIONS: Readonly<Record<keyof DeadLetterFilter, (parameter: string) => string>> = {
  group: (value) => `t.grp = ${value}`,
  service: (value) => `t.service = ${value}`,
  type: (value) => `t.type = ${value}`,
  state: (value) => `t.state = ${value}`,
  key: (value) => `t.key = ${value}`,
  diedAfter: (value) => `t.died_at >= ${value}`,
  diedBefore: (value) => `t.died_at < ${value}`,
};

/** What a filter says, as SQL; its parameters are numbered from `first`. Says nothing: no conditions. */
export function conditionsOf(
  filter: DeadLetterFilter | null,
  { first }: { readonly first: number },
): DeadLetterConditions {
  const where: string[] = [];
  const parameters: unknown[] = [];
  for (const [name, condition] of Object.entries(CONDITIONS)) {
    const value = filter?.[name as keyof DeadLetterFilter];
    if (value === undefined || value === null) continue;
    where.push(condition(`$${first + parameters.length}`));
    parameters.push(value);
  }
  return { where, parameters };
}

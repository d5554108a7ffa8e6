/** What a list shows: SQL over the alias `t`, and the values of its parameters, of which a page has two before. */
export interface Conditions {
  readonly where: readonly string[];
  readonly parameters: readonly unknown[];
  /** Joins a condition by AND. It is trusted SQL, never client input. */
  require(condition: string): void;
  /** Joins what a value asks for; nothing for null and undefined, which is how a filter says that it does not mind. */
  add(value: unknown, condition: (parameter: string) => string): void;
  /** Keeps a value, and returns the name by which a condition speaks of it. */
  parameter(value: unknown): string;
}

const PARAMETERS_BEFORE = 2;

/** Collects the conditions of a list for {@link loadOrderedPage}, beginning with those that hold for every filter. */
export function createConditions(...always: readonly string[]): Conditions {
  const where = always.length === 0 ? ['true'] : [...always];
  const parameters: unknown[] = [];
  const parameter = (value: unknown): string => `$${parameters.push(value) + PARAMETERS_BEFORE}`;
  return {
    where,
    parameters,
    parameter,
    require: (condition) => void where.push(condition),
    add: (value, condition) => {
      if (value !== undefined && value !== null) where.push(condition(parameter(value)));
    },
  };
}

import { z } from 'zod';

/** The environment does not satisfy the schema; `problems` has one line for each fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads the environment into a frozen, typed object, once, at boot. An empty variable counts as unset.
 * Throws {@link ConfigError} with every problem, not just the first.
 */
export function loadConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<z.infer<Schema>> {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(present);
  if (!result.success) throw new ConfigError(result.error.issues.map(describeIssue));
  return Object.freeze(result.data as object) as Readonly<z.infer<Schema>>;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const name = issue.path.map(String).join('.');
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
  if (name === '') return issue.message;
  return isMissing && /received undefined/.test(issue.message) ? `${name} is not set` : `${name}: ${issue.message}`;
}

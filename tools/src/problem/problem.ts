/**
 * Something a person has to put right: `message` says what happened and why, each line of `advice` what to do.
 * It is shown without a stack.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly advice: readonly string[];
  /** Exit status of a program that ends because of it. */
  readonly exitCode: number;

  constructor(
    message: string,
    {
      advice = [],
      exitCode = 1,
      cause,
    }: { readonly advice?: readonly string[]; readonly exitCode?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.advice = advice;
    this.exitCode = exitCode;
  }
}

/**
 * `code` of a system error such as ENOENT, undefined when it has none. By shape, not by class: under jest an error of
 * the file system belongs to another realm than the test's `Error`.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of whatever was thrown. */
export function errorText(error: unknown): string {
  if (
    typeof error === 'object' &&
    error !== null &&
    'message' in error &&
    typeof error.message === 'string' &&
    error.message !== ''
  ) {
    return error.message;
  }
  return errorCode(error) ?? String(error);
}

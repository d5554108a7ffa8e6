const LONGEST = 1_000;
const HALF_A_CHARACTER = /[\uD800-\uDBFF]$/;

/**
 * Messages about a request quote it, and many of them may quote the same megabyte: they are cut after 1,000 UTF-16
 * units, which an ellipsis tells.
 */
export function shortened(message: string): string {
  return message.length <= LONGEST ? message : `${message.slice(0, LONGEST).replace(HALF_A_CHARACTER, '')}\u2026`;
}

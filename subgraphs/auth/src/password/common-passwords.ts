import { dictionary } from '@zxcvbn-ts/language-common';

/** Nearly 50,000 passwords that leaked most often, the most frequent first; 18,000 of them have eight characters or more. */
const RANKED = dictionary['passwords-common'];

/** Ranks of those that are tried with digits and signs around them first of all. */
const BASES = 10_000;
/** With fewer letters than these a word is too short to say anything. */
const SHORTEST_BASE = 4;

const leaked: ReadonlySet<string> = new Set(RANKED);
const bases: ReadonlySet<string> = new Set(RANKED.slice(0, BASES).filter((word) => word.length >= SHORTEST_BASE));

/** How many passwords are on the list, all in lower case. */
export const COMMON_PASSWORDS = leaked.size;

/**
 * Whether everybody who guesses passwords would guess this one: it is on the list, in whatever case, or it is one of its
 * foremost with nothing but digits and signs around it. Needs no network.
 */
export function isCommonPassword(password: string): boolean {
  const lowered = password.toLowerCase();
  return leaked.has(lowered) || bases.has(lowered.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, ''));
}

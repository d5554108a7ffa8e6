/** Who calls. */
export const ACTORS = [
  'anonymous',
  'member',
  'owner',
  'administrator',
  'bareKey',
  'ownKey',
  'scopedKey',
  'impersonator',
  'stale',
] as const;

/**
 * - `anonymous`: nobody.
 * - `member`: somebody without a role, and not the owner of what is asked for.
 * - `owner`: whose object it is; of operations that act on what is one's own, just another member.
 * - `administrator`: holds every permission with the scope `any`, signed in a moment ago.
 * - `bareKey`: an API key of the owner without scopes.
 * - `ownKey`: an API key of the owner with every permission of the scope `own`.
 * - `scopedKey`: an API key of the administrator with every permission that a key can have.
 * - `impersonator`: the administrator, who looks at the platform as the owner.
 * - `stale`: the administrator, in a session whose last proof of identity is too old for a step-up.
 */
export type Actor = (typeof ACTORS)[number];

/** What authorisation says; what the operation then does is not the matter here. */
export type Outcome = 'allowed' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'STEP_UP_REQUIRED';

const A = 'allowed';
const U = 'UNAUTHENTICATED';
const F = 'FORBIDDEN';
const S = 'STEP_UP_REQUIRED';

/**
 * What `@auth` means for everybody, in the order of ACTORS. `own` at a root is about what belongs to the caller, `own` of
 * an object about what belongs to the owner. This is written down once more on purpose: it must not be computed by what
 * it tests.
 */
export const RULES = {
  'public query': [A, A, A, A, A, A, A, A, A],
  'public mutation': [A, A, A, A, A, A, A, F, A],
  'authenticated query': [U, A, A, A, A, A, A, A, A],
  'authenticated mutation': [U, A, A, A, F, F, F, F, A],
  'interactive query': [U, A, A, A, F, F, F, F, A],
  'interactive query, step-up': [U, A, A, A, F, F, F, F, S],
  'interactive mutation': [U, A, A, A, F, F, F, F, A],
  'interactive mutation, step-up': [U, A, A, A, F, F, F, F, S],
  'impersonated mutation': [U, F, F, F, F, F, F, A, F],
  'own query': [U, A, A, A, F, A, A, A, A],
  'own mutation': [U, A, A, A, F, A, A, F, A],
  'own mutation, step-up': [U, A, A, A, F, F, F, F, S],
  'own of an object': [U, F, A, A, F, A, A, A, A],
  'own of an object, step-up': [U, F, A, A, F, F, F, F, S],
  'any query': [U, F, F, A, F, F, A, F, A],
  'any query, step-up': [U, F, F, A, F, F, F, F, S],
  'any mutation': [U, F, F, A, F, F, A, F, A],
  'any mutation, step-up': [U, F, F, A, F, F, F, F, S],
} as const satisfies Readonly<Record<string, readonly Outcome[]>>;

export type Rule = keyof typeof RULES;

/** The outcome for each actor by a rule. */
export function outcomesOf(rule: Rule): Readonly<Record<Actor, Outcome>> {
  return Object.fromEntries(ACTORS.map((actor, index) => [actor, RULES[rule][index]])) as Record<Actor, Outcome>;
}

import { Refusal } from './refusal.js';

/** A link must not change anything, whatever the answer comes as. */
export function mutationOverGet(): Refusal {
  return new Refusal({
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: 'GET is for queries and subscriptions: send a mutation with POST.',
    headers: { allow: 'POST' },
  });
}

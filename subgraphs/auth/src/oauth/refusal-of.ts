import { ProviderUnreachableError } from './guarded-fetch.js';
import { ProviderRefusedError } from './identity-source.js';

/** What a library threw while an answer was judged: the provider was not there, or nothing was proved. */
export function refusalOf(error: unknown): Error {
  for (let cause: unknown = error; cause instanceof Error; { cause } = cause) {
    if (cause instanceof ProviderUnreachableError) return cause;
  }
  return new ProviderRefusedError(error instanceof Error ? error.message : 'refused', { cause: error });
}

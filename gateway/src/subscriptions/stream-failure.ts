import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { StreamEvent } from './stream-event.js';

/** Ends a stream with errors that are presented already. */
export class StreamFailure extends Error {
  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super('the stream failed');
  }
}

/** The failure that an event tells of. */
export function failureIn({ text }: StreamEvent): StreamFailure {
  const { errors = [] } = JSON.parse(text) as { readonly errors?: readonly GraphQLFormattedError[] };
  return new StreamFailure(errors);
}

/** The presented errors behind what a library made of a `StreamFailure`; undefined for any other error. */
export function failureOf(errors: readonly Error[]): readonly GraphQLFormattedError[] | undefined {
  const [first] = errors;
  const { originalError } = first instanceof GraphQLError ? first : { originalError: undefined };
  return originalError instanceof StreamFailure ? originalError.errors : undefined;
}

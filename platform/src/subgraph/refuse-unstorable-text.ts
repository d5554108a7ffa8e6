import type { ApolloServerPlugin } from '@apollo/server';
import { Kind, visit } from 'graphql';
import type { DocumentNode, GraphQLError } from 'graphql';
import { badUserInput } from '../errors/index.js';

/** U+0000, which PostgreSQL cannot hold in text, and halves of surrogate pairs, which are no characters. */
// oxlint-disable-next-line no-control-regex
const UNSTORABLE = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/**
 * Refuses text that no table can hold before any resolver sees it, wherever in the operation it stands: as a query
 * error it would be an internal one.
 */
export const refuseUnstorableText: ApolloServerPlugin = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ document, request }) => {
        const error = findUnstorableText(document, request.variables);
        if (error !== undefined) throw error;
        return Promise.resolve();
      },
    }),
};

/** BAD_USER_INPUT when the operation holds such text. For what does not go through @apollo/server: WebSockets. */
export function findUnstorableText(document: DocumentNode, variables: unknown): GraphQLError | undefined {
  return holdsUnstorable(variables) || documentHoldsUnstorable(document)
    ? badUserInput('A text holds the character U+0000 or half of a surrogate pair; leave it out.')
    : undefined;
}

function documentHoldsUnstorable(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    [Kind.STRING]: ({ value }) => {
      found ||= UNSTORABLE.test(value);
    },
  });
  return found;
}

function holdsUnstorable(value: unknown): boolean {
  if (typeof value === 'string') return UNSTORABLE.test(value);
  if (Array.isArray(value)) return value.some(holdsUnstorable);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => UNSTORABLE.test(key) || holdsUnstorable(inner));
}

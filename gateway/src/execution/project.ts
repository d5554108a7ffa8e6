import { execute, GraphQLError } from 'graphql';
import type { DocumentNode, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import type { Data } from './data.js';
import { get, isData } from './data.js';

/** The client's operation on one schema. */
export interface Projection {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Projected {
  readonly data: Data | null;
  readonly errors: readonly GraphQLError[];
}

/**
 * Shapes merged data into the client's answer with graphql-js itself, so that nulls bubble, abstract types resolve and
 * values are checked exactly as in a single server.
 */
export function project(data: Data, { schema, document, operationName, variables }: Projection): Projected {
  const result = execute({
    schema,
    document,
    rootValue: data,
    variableValues: variables,
    fieldResolver: readResponseKey,
    ...(operationName === undefined ? {} : { operationName }),
  });
  if (result instanceof Promise) throw new Error('the projection of plain data became asynchronous');
  const { data: projected, errors } = result as {
    readonly data?: Data | null;
    readonly errors?: readonly GraphQLError[];
  };
  return { data: projected ?? null, errors: errors ?? [] };
}

/** The data is keyed by alias already. */
const readResponseKey: GraphQLFieldResolver<unknown, unknown> = (source, _args, _context, info) =>
  isData(source) ? get(source, String(info.path.key)) : undefined;

/** Errors of the projection that no reported error explains: a null where one was reported is that error's doing. */
export function unexplained(projected: readonly GraphQLError[], reported: readonly GraphQLError[]): GraphQLError[] {
  return projected.filter(
    (error) =>
      !reported.some(
        (known) => isPrefix(known.path ?? [], error.path ?? []) || isPrefix(error.path ?? [], known.path ?? []),
      ),
  );
}

function isPrefix(prefix: readonly (string | number)[], path: readonly (string | number)[]): boolean {
  return prefix.every((step, index) => path[index] === step);
}

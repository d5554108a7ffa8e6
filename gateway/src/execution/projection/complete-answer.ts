import { execute, GraphQLError, Kind } from 'graphql';
import type { GraphQLFieldResolver, GraphQLSchema, GraphQLTypeResolver, OperationDefinitionNode } from 'graphql';
import type { ResponseKeys } from '../../planning/response-keys.js';
import type { Data } from '../data.js';
import { isData } from '../data.js';
import type { Overlay } from '../overlay.js';
import { createErrorPaths } from './error-paths.js';

/** The client's operation, fragments inlined and conditions decided. */
export interface Completion {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly keys: ResponseKeys;
  /** Whether a subgraph knows the interface as an object. */
  readonly isInterfaceObject: (name: string) => boolean;
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Completed {
  readonly data: unknown;
  readonly errors: readonly GraphQLError[];
}

/**
 * Shapes data into the client's answer with graphql-js itself, so that nulls bubble, abstract types resolve and values
 * are checked exactly as in a single server. For data that is not what the schema promises.
 */
export function completeAnswer(
  { root, overlay }: { readonly root: Data; readonly overlay: Overlay },
  { schema, operation, keys, variables, isInterfaceObject }: Completion,
): Completed {
  const read = (data: Data, key: string): unknown => {
    const value = overlay.read(data, key);
    // What every object inherits is not in the data.
    return typeof value === 'function' ? undefined : value;
  };
  const readField: GraphQLFieldResolver<unknown, unknown> = (source, _args, _context, { fieldNodes: [field] }) =>
    isData(source) && field !== undefined ? read(source, keys.of(field)) : undefined;
  const readTypename: GraphQLTypeResolver<unknown, unknown> = (source, _context, _info, type) => {
    const typename = isData(source) ? overlay.typenameOf(source) : undefined;
    // No subgraph was asked which type it is, for nothing that is selected depends on it: any of them will do.
    const isOpen = (typename === undefined || typename === type.name) && isInterfaceObject(type.name);
    if (isOpen) return schema.getPossibleTypes(type)[0]?.name;
    return typeof typename === 'string' ? typename : undefined;
  };
  const result = execute({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [asQuery(operation)] },
    rootValue: root,
    variableValues: variables,
    fieldResolver: readField,
    typeResolver: readTypename,
  });
  if (result instanceof Promise) throw new Error('the projection of plain data became asynchronous');
  const { data: completed, errors } = result as {
    readonly data?: unknown;
    readonly errors?: readonly GraphQLError[];
  };
  return { data: completed ?? null, errors: errors ?? [] };
}

/** Its name is of no use here, and a name that no operation has is what graphql-js would look for. */
function asQuery(operation: OperationDefinitionNode): OperationDefinitionNode {
  const { name: _name, ...anonymous } = operation;
  return anonymous;
}

/** Errors of the completion that no reported error explains: a null where one was reported is that error's doing. */
export function unexplained(completed: readonly GraphQLError[], reported: readonly GraphQLError[]): GraphQLError[] {
  if (reported.length === 0) return [...completed];
  const paths = createErrorPaths(reported);
  return completed.filter(({ path = [] }) => !paths.hasWithin(path) && !paths.hasAround(path));
}

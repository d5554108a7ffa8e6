import {
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import type { DocumentNode, GraphQLSchema, Location, OperationDefinitionNode } from 'graphql';
import { checkLimits } from '../security/check-limits.js';
import { DEEPEST_NESTING, isTextDeeperThan } from '../security/nesting.js';
import { shortened } from '../security/shortened.js';
import type { Settings } from '../settings.js';
import { conditionVariables } from './inline-operation.js';

/** A valid operation of a document, as its client wrote it. */
export interface ReadOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Variables that `@skip` and `@include` depend on. */
  readonly conditionNames: readonly string[];
}

/** A valid document: its operations by name; the only one under the empty name as well. */
export type ReadDocument = ReadonlyMap<string, ReadOperation>;

/** What is wrong with a request before it is executed. */
export class RequestErrors extends Error {
  override readonly name = 'RequestErrors';
  readonly errors: readonly GraphQLError[];

  constructor(code: string, errors: readonly GraphQLError[]) {
    const coded = errors.map((error) => withCode(error, code));
    super(coded.map(({ message }) => message).join('; '));
    this.errors = coded;
  }
}

/** Parses and validates a document. Throws {@link RequestErrors}. */
export type ReadText = (query: string, schema: GraphQLSchema) => ReadDocument;

const SUGGESTION = ' Did you mean';
/** Each error looks through the whole document for the line that it stands in, and a document may be all lines. */
const MOST_ERRORS = 10;

export function createReader(settings: Settings): ReadText {
  const rules = [
    // It throws on a variable in a root condition; subscriptions are held to it after their conditions are decided.
    ...specifiedRules.filter((rule) => rule !== SingleFieldSubscriptionsRule),
    ...(settings.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
  return (query, schema) => {
    const document = parseDocument(query, settings.limits.tokens);
    const tooLarge = checkLimits(document, settings);
    if (tooLarge.length > 0) throw new RequestErrors('GRAPHQL_VALIDATION_FAILED', tooLarge);
    const invalid = validate(schema, document, rules, { maxErrors: MOST_ERRORS });
    if (invalid.length > 0) {
      throw new RequestErrors(
        'GRAPHQL_VALIDATION_FAILED',
        settings.production ? invalid.map(withoutSuggestion) : invalid,
      );
    }
    dropTokens(document);
    const operations = new Map<string, ReadOperation>();
    const definitions = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    for (const operation of definitions) {
      // graphql-js leaves this to the execution, with these words.
      if (schema.getRootType(operation.operation) === undefined) {
        const message = `Schema is not configured to execute ${operation.operation} operation.`;
        throw new RequestErrors('GRAPHQL_VALIDATION_FAILED', [new GraphQLError(message, { nodes: [operation] })]);
      }
      const read = { document, operation, conditionNames: conditionVariables(document, operation) };
      if (operation.name !== undefined) operations.set(operation.name.value, read);
      if (definitions.length === 1) operations.set('', read);
    }
    return operations;
  };
}

function parseDocument(query: string, maxTokens: number): DocumentNode {
  if (isTextDeeperThan(query, DEEPEST_NESTING, maxTokens)) {
    const message = `The document is nested deeper than the ${DEEPEST_NESTING} levels that are accepted.`;
    throw new RequestErrors('GRAPHQL_PARSE_FAILED', [new GraphQLError(message)]);
  }
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw new RequestErrors('GRAPHQL_PARSE_FAILED', [error]);
    throw error;
  }
}

/** Every node holds the first and the last of a chain of all tokens, which nobody needs any more; where it stands is kept. */
function dropTokens(document: DocumentNode): void {
  visit(document, {
    enter: (node) => {
      if (node.loc === undefined) return;
      const { start, end, source } = node.loc;
      (node as { loc?: Pick<Location, 'start' | 'end' | 'source'> }).loc = { start, end, source };
    },
  });
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return amended(error, { message: shortened(error.message), extensions: { code, ...error.extensions } });
}

/** A suggestion tells what the schema has to somebody who is not shown the schema. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const { message } = error;
  // A message may quote a literal of a megabyte: what looks at it looks once.
  const at = message.endsWith('?') ? message.lastIndexOf(SUGGESTION) : -1;
  return at === -1 ? error : amended(error, { message: message.slice(0, at), extensions: error.extensions });
}

/** In place: a new error would look for its line once more. */
function amended(
  error: GraphQLError,
  changes: { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> },
): GraphQLError {
  return Object.assign(error, changes);
}

import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Caller } from './caller.js';
import { collectDemands } from './collect-demands.js';
import { readFieldDemands } from './field-demands.js';
import { pruneOperation } from './prune-operation.js';

/** One demand of `@authenticated`, `@requiresScopes` or `@policy`: of each group all must be held, one group is enough. */
export interface Demand {
  readonly kind: 'authenticated' | 'scopes' | 'policies';
  /** Empty for `authenticated`. */
  readonly anyOf: readonly (readonly string[])[];
}

/** What a supergraph demands of its callers, field by field. */
export interface Authorization {
  /**
   * The distinct demands that the operation meets, in a stable order; empty when everything in it is public. Fragments
   * may be inlined or not; conditions count as met.
   */
  demandsOf(operation: OperationDefinitionNode, document: DocumentNode): readonly Demand[];
  /**
   * The caller with the policies that the embedder's `evaluatePolicies` grants it, of those that these demands name.
   * To be called before `isMet`. No promise when there is nothing to ask; rejects when the embedder's function does.
   */
  evaluate(demands: readonly Demand[], caller: Caller): Caller | Promise<Caller>;
  isMet(demand: Demand, caller: Caller): boolean;
  /**
   * The document without the fields whose demands are not met, with an error (`UNAUTHORIZED_FIELD_OR_TYPE`, path of
   * response keys as the operation writes them) for each. A field of which nothing is left goes with its fields, and
   * variables with their last use. `operation` is null when nothing is left of it.
   * The fragments of the document are inlined already. `unmet` are objects that `demandsOf` gave.
   */
  prune(
    operation: OperationDefinitionNode,
    unmet: readonly Demand[],
  ): { readonly operation: OperationDefinitionNode | null; readonly errors: readonly GraphQLError[] };
}

/** Tells which of the named policies the caller meets. */
export type EvaluatePolicies = (names: readonly string[], caller: Caller) => Promise<ReadonlySet<string>>;

/** @param schema of the supergraph SDL, with the SDL's directives in its nodes */
export function createAuthorization(
  schema: GraphQLSchema,
  { evaluatePolicies }: { readonly evaluatePolicies?: EvaluatePolicies | undefined } = {},
): Authorization {
  const fields = readFieldDemands(schema);
  return {
    demandsOf: (operation, document) => (fields.isEmpty ? [] : collectDemands(operation, { schema, document, fields })),
    evaluate: (demands, caller) => {
      if (evaluatePolicies === undefined) return caller;
      const open = openPolicies(demands, caller);
      return open.length === 0 ? caller : grant(evaluatePolicies, { names: open, caller });
    },
    isMet: ({ kind, anyOf }, caller) => {
      switch (kind) {
        case 'authenticated':
          return caller.origin.viewer !== null;
        case 'scopes':
          return holds(caller.scopes, anyOf);
        case 'policies':
          return holds(caller.policies, anyOf);
      }
    },
    prune: (operation, unmet) => pruneOperation(operation, { schema, fields, unmet: new Set(unmet) }),
  };
}

function holds(held: readonly string[], anyOf: readonly (readonly string[])[]): boolean {
  return anyOf.some((group) => group.every((name) => held.includes(name)));
}

function openPolicies(demands: readonly Demand[], { policies }: Caller): string[] {
  const names = demands.flatMap(({ kind, anyOf }) => (kind === 'policies' ? anyOf.flat() : []));
  return [...new Set(names)].filter((name) => !policies.includes(name));
}

async function grant(
  evaluatePolicies: EvaluatePolicies,
  { names, caller }: { readonly names: readonly string[]; readonly caller: Caller },
): Promise<Caller> {
  const granted = await evaluatePolicies(names, caller);
  return { ...caller, policies: [...caller.policies, ...names.filter((name) => granted.has(name))] };
}

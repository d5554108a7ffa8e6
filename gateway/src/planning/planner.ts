import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';

/** What the planner made of an operation. Plain data. */
export interface PlannedOperation {
  /** Undefined when the operation asks nothing of any subgraph (`{ __typename }`). */
  readonly node: PlanNode | SubscriptionNode | undefined;
  /**
   * Twins of fields with arguments that stand in `@requires` or `@fromContext`: where a fetch's `requires` names the twin, the
   * representation gets the twin's value under the real name. By twin name.
   */
  readonly twins: Readonly<Record<string, { readonly field: string }>>;
}

/** Plans operations on one supergraph, off the main thread. What is licensed under Elastic-2.0 stands behind this interface. */
export interface Planner {
  /**
   * Plans a valid operation without fragments and without `@skip`/`@include` on variables. Rejects with an Error that says why for what cannot be
   * planned, including an operation for which the planner finds no way to any field.
   */
  plan(request: {
    /** Printed document with exactly one operation. */
    readonly text: string;
    /** Progressive `@override` labels that are on. */
    readonly overrides: readonly string[];
  }): Promise<PlannedOperation>;
  /** Labels of progressive `@override`s in the supergraph: `percent(5)` or names of the operator's own. */
  readonly overrideLabels: readonly string[];
  /** Frees the threads as soon as nothing is left to plan. An operation that is still planned starts one again. */
  retire(): void;
  /** Refuses new operations, waits for those under way, and ends. */
  close(): Promise<void>;
}

/** What the main thread knows of a supergraph. */
export interface SupergraphView {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  /** Every type of every subgraph, inaccessible ones and twins included: representations are chosen by it. */
  readonly supergraphSchema: GraphQLSchema;
  /** Routing URL by subgraph name. */
  readonly routingUrls: ReadonlyMap<string, string>;
  /** Names of fields that stand in any `@key`, `@requires`, `@provides` or `@context` selection: an alias may not be one of them. */
  readonly keyFieldNames: ReadonlySet<string>;
  readonly planner: Planner;
}

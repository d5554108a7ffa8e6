import type { PlannedOperation } from '../planning/planner.js';
import type { SubgraphAnswer, SubgraphErrorJson } from './subgraph-call.js';
import type { Caller } from '../security/caller.js';

/** What one run of an operation works with. Made anew for each run: nothing of it outlives the answer. */
export interface Run {
  readonly caller: Caller;
  /** As the client sent them, defaults not filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** `performance.now()` at which the operation is given up. */
  readonly deadline: number;
}

/** What came of a run. */
export interface Outcome {
  /** The response as JSON text: `{"data":...}`, with `"errors"` (presented as clients may see them) when there are any. */
  readonly text: string;
  readonly hasErrors: boolean;
  /** `data` is null: nothing could be answered. */
  readonly isDataNull: boolean;
  /** SQL statements by subgraph, as far as they tell; undefined when none did. */
  readonly sqlStatements: ReadonlyMap<string, number> | undefined;
}

/** A planned and compiled query or mutation. What goes wrong with subgraphs is in the outcome; rejects for a fault of the gateway alone. */
export interface ExecutableOperation {
  readonly kind: 'query' | 'mutation';
  /** What the planner made of it; undefined when no subgraph is asked. */
  readonly plan: PlannedOperation['node'];
  execute(run: Run): Promise<Outcome>;
}

/** A planned and compiled subscription. */
export interface ExecutableSubscription {
  readonly kind: 'subscription';
  /** What opens the stream at its subgraph. Equal `text`s on one subgraph are the same stream, given equal variables and identity. */
  readonly primary: {
    readonly subgraph: string;
    readonly text: string;
    readonly operationName: string | undefined;
    /** Client variables that the stream takes. */
    readonly variableNames: readonly string[];
  };
  /** Completes an event from the other subgraphs and projects it. Errors belong to this event alone. Rejects for a fault of the gateway alone. */
  complete(event: SubgraphAnswer, run: Run): Promise<Outcome>;
  /** The outcome that tells clients of errors without an event, for instance that the stream's subgraph is lost. */
  fail(errors: readonly SubgraphErrorJson[], run: Run): Outcome;
}

export type Executable = ExecutableOperation | ExecutableSubscription;

import type { GraphQLSchema } from 'graphql';
import { createPlanner } from './planner.js';
import type { Planner } from './planner.js';

/** One supergraph and all that is derived from it. An operation runs to its end on the generation it started on. */
export interface Generation {
  /** Rises with every reload. */
  readonly number: number;
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  readonly planner: Planner;
}

/** Holds the newest generation. */
export interface Generations {
  current(): Generation;
  replace(update: { readonly apiSchema: GraphQLSchema; readonly supergraphSdl: string }): void;
}

export function createGenerations(): Generations {
  let newest: Generation | undefined;
  return {
    current: () => {
      if (newest === undefined) throw new Error('asked for the supergraph before the first composition');
      return newest;
    },
    replace: ({ apiSchema, supergraphSdl }) => {
      newest = { number: (newest?.number ?? 0) + 1, apiSchema, planner: createPlanner(supergraphSdl) };
    },
  };
}

import type { PlannedOperation } from './planner.js';
import type { PlanningFailure } from './planning-error.js';

/** What a planner's thread tells of the supergraph that it has loaded. Plain data, so that it can cross threads. */
export interface SupergraphFacts {
  /** What clients see, as `printSchema` of graphql-js prints it. */
  readonly apiSdl: string;
  /** The supergraph that is planned with: twins are in it, and every directive of the given one. */
  readonly supergraphSdl: string;
  readonly routingUrls: readonly (readonly [name: string, url: string])[];
  readonly keyFieldNames: readonly string[];
  readonly overrideLabels: readonly string[];
}

export interface PlanRequest {
  readonly text: string;
  readonly overrides: readonly string[];
}

export type ToPlannerThread =
  | { readonly kind: 'load'; readonly sdl: string }
  | { readonly kind: 'plan'; readonly request: PlanRequest };

/** Answers come in the order of the requests, of which there is one at a time. */
export type FromPlannerThread =
  | { readonly kind: 'loaded'; readonly facts: SupergraphFacts }
  | { readonly kind: 'planned'; readonly operation: PlannedOperation }
  | { readonly kind: 'failed'; readonly failure: PlanningFailure; readonly message: string };

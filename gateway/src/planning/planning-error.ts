/**
 * Why an operation has no plan: `unanswerable` and `invalid` are about the operation and will be so again; `timeout`,
 * `crashed` and `overloaded` are about the planner at this moment; `closed` means that the supergraph is no longer served.
 */
export type PlanningFailure = 'unanswerable' | 'invalid' | 'timeout' | 'crashed' | 'overloaded' | 'closed';

export class PlanningError extends Error {
  override readonly name = 'PlanningError';
  readonly failure: PlanningFailure;

  constructor(failure: PlanningFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

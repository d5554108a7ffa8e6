import type { ExecutableSubscription } from '../execution/executable.js';
import type { PreparedOperation } from '../planning/prepared-operation.js';

/** A subscription that may be opened. */
export interface PreparedSubscription extends PreparedOperation {
  readonly executable: ExecutableSubscription;
}

export function isSubscription(prepared: PreparedOperation): prepared is PreparedSubscription {
  return prepared.executable.kind === 'subscription';
}

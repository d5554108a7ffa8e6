import { AsyncLocalStorage } from 'node:async_hooks';

/** Why something happens now: it travels with the asynchronous flow, so that nobody hands it on by hand. */
export interface Cause {
  /** Id of the client request or process that started it all. */
  readonly correlationId: string;
  /** Id of the event or request that caused what is done now. */
  readonly causationId: string;
  /** User who acts, null for the system. */
  readonly actorId: string | null;
  /** W3C trace context, as `readTraceparent` gives it. */
  readonly traceparent?: string | null;
}

const storage = new AsyncLocalStorage<Cause>();

/** Runs `work`; every event that it publishes, however deep, carries `cause`. */
export function runCausedBy<T>(cause: Cause, work: () => T): T {
  return storage.run(cause, work);
}

/** The cause of what runs now; undefined outside of `runCausedBy`. */
export function currentCause(): Cause | undefined {
  return storage.getStore();
}

/** Thrown by a handler: trying again is of no use, the job is dead at once. */
export class PermanentJobError extends Error {
  override readonly name = 'PermanentJobError';
}

/** The job was cancelled, or its lease ended and others may run it: nothing done in its name takes effect any more. */
export class JobLostError extends Error {
  override readonly name = 'JobLostError';
}

/** The attempt took longer than its kind allows. */
export class JobTimeoutError extends Error {
  override readonly name = 'JobTimeoutError';
}

/** The worker stops, and its patience is over: the job goes to others, and this attempt does not count. */
export class WorkerStoppedError extends Error {
  override readonly name = 'WorkerStoppedError';
}

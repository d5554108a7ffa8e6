import type { DataSource } from 'typeorm';
import type { JobContext } from './job-attempt.js';
import type { HeldJob, JobLeases } from './job-leases.js';
import { saveProgress } from './read-job.js';

/** What a handler may ask for. Made when it asks: most ask for nothing. */
export class AttemptContext implements JobContext {
  readonly #held: HeldJob;
  readonly #leases: JobLeases;
  readonly #dataSource: DataSource;

  constructor(held: HeldJob, leases: JobLeases, dataSource: DataSource) {
    this.#held = held;
    this.#leases = leases;
    this.#dataSource = dataSource;
  }

  get signal(): AbortSignal {
    return this.#held.abort.signal;
  }

  // Getters, so that a handler can take them out of the context.
  get heartbeat(): () => Promise<void> {
    return () => this.#leases.renew(this.#held);
  }

  get progress(): (value: unknown) => Promise<void> {
    return (value) => saveProgress(this.#dataSource, this.#held.job, value);
  }
}

import { PRIORITIES } from './job.js';
import type { JobPriority } from './job.js';

/** What the queue should know of a job. */
export interface ModelJob {
  readonly id: string;
  priority: JobPriority;
  readonly key: string | null;
  holdsKey: boolean;
  isDue: boolean;
  isLeased: boolean;
  isDead: boolean;
  token: number;
  attempt: number;
  /** Jobs of one priority are claimed in this order. */
  order: number;
}

/** The queue as it is promised, in memory, with one kind of job. */
export class JobQueueModel {
  readonly jobs = new Map<string, ModelJob>();
  isPaused = false;
  #order = 0;

  waitingUnder(key: string): ModelJob | undefined {
    return [...this.jobs.values()].find((job) => job.holdsKey && job.key === key && !job.isDead);
  }

  add(id: string, job: Pick<ModelJob, 'priority' | 'key' | 'isDue'>): void {
    const fresh = { isLeased: false, isDead: false, token: 0, attempt: 0, order: this.next() };
    this.jobs.set(id, { id, holdsKey: job.key !== null, ...job, ...fresh });
  }

  /** Claims up to `most` jobs: the most urgent first, then those that are due longest. */
  claim(most: number): readonly ModelJob[] {
    const open = [...this.jobs.values()].filter(
      ({ isDue, isLeased, isDead }) => isDue && !isLeased && !isDead && !this.isPaused,
    );
    const rank = ({ priority }: ModelJob) => PRIORITIES.indexOf(priority);
    const claimed = open.toSorted((a, b) => rank(a) - rank(b) || a.order - b.order).slice(0, most);
    for (const job of claimed)
      Object.assign(job, { isLeased: true, token: job.token + 1, attempt: job.attempt + 1, holdsKey: false });
    return claimed;
  }

  /** The job, if the claim with this token is still the latest one. */
  heldBy({ id, token }: { readonly id: string; readonly token: number }): ModelJob | undefined {
    const job = this.jobs.get(id);
    return job !== undefined && !job.isDead && job.token === token ? job : undefined;
  }

  settle(job: ModelJob, outcome: 'done' | 'retry' | 'dead' | 'released'): void {
    if (outcome === 'done') this.jobs.delete(job.id);
    else if (outcome === 'dead') Object.assign(job, { isDead: true, isLeased: false });
    else {
      const attempt = job.attempt - (outcome === 'released' ? 1 : 0);
      Object.assign(job, { isLeased: false, isDue: true, token: job.token + 1, attempt, order: this.next() });
    }
  }

  redrive(job: ModelJob): void {
    Object.assign(job, { isDead: false, attempt: 0, isDue: true, order: this.next() });
  }

  next(): number {
    return (this.#order += 1);
  }
}

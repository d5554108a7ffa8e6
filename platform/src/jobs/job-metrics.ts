import type { DataSource } from 'typeorm';
import type { Metrics } from '../metrics/index.js';
import type { CountedOutcome } from './job-rates.js';
import { readJobStats } from './job-stats.js';
import type { JobPriority } from './job.js';

const SECONDS = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** The metrics of one worker. */
export interface JobMetrics {
  ended(name: string, priority: JobPriority, outcome: CountedOutcome): void;
  took(name: string, seconds: number): void;
  /** No longer reads the database. */
  stop(): void;
}

/** Counters of this process, and gauges over the whole queue, which every process of the service shows alike. */
export function observeJobs(metrics: Metrics, dataSource: DataSource): JobMetrics {
  const finished = metrics.counter({
    name: 'orion_jobs_finished_total',
    help: 'Attempts that ended in this process: done, retried (will be tried again) or dead',
    labels: ['name', 'priority', 'outcome'],
  });
  const duration = metrics.histogram({
    name: 'orion_job_seconds',
    help: 'How long attempts took',
    labels: ['name'],
    buckets: SECONDS,
  });
  const depth = metrics.gauge({
    name: 'orion_jobs',
    help: 'Jobs of the service: waiting (due), delayed, running or dead',
    labels: ['name', 'priority', 'state'],
  });
  const oldest = metrics.gauge({
    name: 'orion_jobs_oldest_age_seconds',
    help: 'For how long the oldest job that nobody runs has been due',
    labels: ['name', 'priority'],
  });
  const stop = metrics.onScrape('jobs', async () => {
    const stats = await readJobStats(dataSource);
    depth.reset();
    oldest.reset();
    for (const { name, priority, oldestAt, ...counts } of stats) {
      for (const state of ['waiting', 'delayed', 'running', 'dead'] as const)
        depth.set({ name, priority, state }, counts[state]);
      oldest.set({ name, priority }, oldestAt === null ? 0 : Math.max(0, (Date.now() - oldestAt.getTime()) / 1_000));
    }
  });
  return {
    ended: (name, priority, outcome) => finished.inc({ name, priority, outcome }),
    took: (name, seconds) => duration.observe({ name }, seconds),
    stop,
  };
}

import type { z } from 'zod';
import { retryPolicyOf } from '../events/consuming/retry-policy.js';
import type { RetryPolicy } from '../events/consuming/retry-policy.js';

/** The most urgent first; the place in this list is what the table keeps. */
export const PRIORITIES = ['critical', 'high', 'normal', 'bulk'] as const;

/** How urgent a job is. Each has a share of the slots of a worker that no other can take (see job-slots.ts). */
export type JobPriority = (typeof PRIORITIES)[number];

/** How a kind of job is run. Times are in milliseconds. */
export interface JobPolicy {
  readonly priority: JobPriority;
  readonly retry: RetryPolicy;
  /** A worker that has not been heard of for so long loses the job to others. Renewed at a third of it. */
  readonly leaseMs: number;
  /** An attempt that takes longer has failed, and its signal is aborted. */
  readonly timeoutMs: number;
  /** Jobs of this kind at once, in one process; null: as many as the worker has slots. */
  readonly concurrency: number | null;
}

/** What enqueuers and workers of one kind of job agree on. */
export interface JobKind<TData = unknown> extends JobPolicy {
  readonly name: string;
  readonly schema: z.ZodType<TData>;
  /** A job to hand to `enqueue`, which validates it. */
  of(data: TData, options?: JobOptions): PendingJob<TData>;
}

/** What one job has of its own. */
export interface JobOptions {
  /** Default: that of its kind. */
  readonly priority?: JobPriority | undefined;
  /** Not before; default now. */
  readonly runAt?: Date | undefined;
  /** Not before so many milliseconds from now (or from `runAt`), by the clock of the database. */
  readonly delayMs?: number | undefined;
  /** At most one job of the kind with this key waits for its first attempt. One that has begun does not count. */
  readonly key?: string | undefined;
  /** When a job of that key waits: keep that one (default), or give it the data, time and priority of this one. */
  readonly onDuplicate?: 'keep' | 'replace' | undefined;
}

/** A job that nobody has enqueued yet. */
export interface PendingJob<TData = unknown> {
  readonly kind: JobKind<TData>;
  readonly data: TData;
  readonly options: JobOptions;
}

/** A job as its handler sees it. */
export interface Job<TData = unknown> {
  readonly id: string;
  readonly name: string;
  readonly data: TData;
  readonly priority: JobPriority;
  readonly key: string | null;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  readonly enqueuedAt: Date;
}

const NAME = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$/;
const LEASE_MS = 30_000;
const TIMEOUT_MS = 300_000;

/**
 * Defines a kind of job. The schema describes data as it is in JSON: no transformations. Throws when the name is not
 * lower case with dots, `<subject>.<what>`, or a number makes no sense.
 */
export function defineJob<TSchema extends z.ZodType>(
  definition: {
    readonly name: string;
    readonly schema: TSchema;
    readonly retry?: Partial<RetryPolicy> | undefined;
  } & Partial<Omit<JobPolicy, 'retry'>>,
): JobKind<z.output<TSchema>> {
  const { name, schema, retry, priority = 'normal', concurrency = null } = definition;
  const { leaseMs = LEASE_MS, timeoutMs = TIMEOUT_MS } = definition;
  if (!NAME.test(name)) throw new Error(`job name ${name} is not lower case <subject>.<what>`);
  if (concurrency !== null && !(concurrency >= 1)) throw new Error(`job ${name}: concurrency is at least 1`);
  if (!(leaseMs >= 100)) throw new Error(`job ${name}: leaseMs is at least 100`);
  const kind: JobKind<z.output<TSchema>> = {
    name,
    schema: schema as unknown as z.ZodType<z.output<TSchema>>,
    priority,
    retry: retryPolicyOf(retry),
    leaseMs,
    timeoutMs,
    concurrency,
    of: (data, options = {}) => ({ kind, data, options }),
  };
  return kind;
}

import type { ClientBase } from 'pg';
import type { Cause } from '../events/causation.js';
import type { SlotLimits } from './job-slots.js';
import { PRIORITIES } from './job.js';
import type { JobPriority } from './job.js';

/** A job that this process may run until its lease ends, or somebody takes it away. */
export interface ClaimedJob {
  readonly id: string;
  readonly name: string;
  readonly priority: JobPriority;
  readonly data: unknown;
  readonly cause: Cause | null;
  readonly key: string | null;
  readonly schedule: string | null;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** Fencing token: what is done in the name of an older claim has no effect. */
  readonly token: number;
  readonly enqueuedAt: Date;
}

/** What to claim. Kinds that stand first go first among jobs of one priority. */
export interface Claim extends SlotLimits {
  readonly kinds: readonly { readonly name: string; readonly free: number; readonly leaseMs: number }[];
}

type Row = Omit<ClaimedJob, 'priority'> & { readonly priority: number };

/** Claims due jobs and those whose lease has ended, the most urgent first: one statement. The attempt counts from here on. */
export async function claimJobs(
  client: ClientBase,
  { kinds, reserved, shared }: Claim,
): Promise<readonly ClaimedJob[]> {
  const { rows } = await client.query<Row>({
    name: 'orion-jobs-claim',
    text: `SELECT id, name, priority, data, cause, key, schedule, attempt, token, enqueued_at AS "enqueuedAt"
           FROM claim_jobs_v1($1, $2, $3, $4, $5)`,
    values: [
      kinds.map(({ name }) => name),
      kinds.map(({ free }) => free),
      kinds.map(({ leaseMs }) => leaseMs),
      reserved,
      shared,
    ],
  });
  return rows.map((row) => ({ ...row, priority: PRIORITIES[row.priority] ?? 'bulk' }));
}

/**
 * The kinds of which a claim may have left some that are due: those that filled all slots of their kind. Null when the
 * slots of the worker decided, so that it may be any.
 */
export function leftBy({ kinds, shared }: Claim, jobs: readonly ClaimedJob[]): ReadonlySet<string> | null {
  if (jobs.length >= shared) return null;
  const full = kinds.filter(({ name, free }) => jobs.filter((job) => job.name === name).length >= free);
  return new Set(full.map(({ name }) => name));
}

/** How long until a job of these kinds is due, in milliseconds (0 or less: now); undefined when none waits. */
export async function readNextDue(client: ClientBase, names: readonly string[]): Promise<number | undefined> {
  const { rows } = await client.query<{ due: number | null }>({
    name: 'orion-jobs-next',
    text: `SELECT (extract(epoch FROM min(first.run_at) - clock_timestamp()) * 1000)::float8 AS due
           FROM unnest($1::text[]) AS kind (name) CROSS JOIN generate_series(0, ${PRIORITIES.length - 1}) AS urgency
           CROSS JOIN LATERAL (
             SELECT run_at FROM jobs
             WHERE jobs.name = kind.name AND jobs.priority = urgency AND jobs.lease_until <= now()
             ORDER BY run_at LIMIT 1
           ) AS first
           WHERE NOT EXISTS (SELECT 1 FROM paused_jobs WHERE paused_jobs.name = kind.name)`,
    values: [names],
  });
  return rows[0]?.due ?? undefined;
}

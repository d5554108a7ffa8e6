import type { EntityManager } from 'typeorm';
import { afterCommit } from '../database/after-commit.js';
import { currentCause } from '../events/causation.js';
import { describeIssues } from '../events/publishing/pending-event.js';
import { uuidv7 } from '../ids/index.js';
import { PRIORITIES } from './job.js';
import type { PendingJob } from './job.js';
import { localWorkerOf } from './local-worker.js';
import { clientOf } from './pooled-client.js';

/** Woken when jobs come, are resumed or cancelled. Payload: empty, or `cancelled`. */
export const JOBS_CHANNEL = 'orion_jobs';

/** Larger data belongs into a table, and a reference to it into the job. UTF-8 bytes as JSON. */
const MAX_JOB_BYTES = 256 * 1024;
const MAX_KEY_LENGTH = 500;

/** Jobs that do not keep the schema of their kind: none was enqueued. `problems` has one line a problem, of all jobs. */
export class JobValidationError extends Error {
  override readonly name = 'JobValidationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`jobs are not usable: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

interface NewJob {
  readonly id: string;
  readonly job: PendingJob;
  readonly data: string;
}

const COLUMNS = 'id, name, priority, run_at, key, holds_key, data, cause, schedule';
const INSERT = `INSERT INTO jobs (${COLUMNS})
  SELECT id, name, priority, coalesce(run_at, statement_timestamp()) + delay_ms * interval '1 ms', key,
         CASE WHEN key IS NOT NULL THEN true END, data, $8::json, $9
  FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::float8[], $6::text[], $7::json[])
    AS job (id, name, priority, run_at, delay_ms, key, data)`;
const ON_CONFLICT = {
  none: '',
  keep: ' ON CONFLICT (name, key) WHERE holds_key DO NOTHING',
  replace: ` ON CONFLICT (name, key) WHERE holds_key DO UPDATE
    SET data = excluded.data, run_at = excluded.run_at, priority = excluded.priority, cause = excluded.cause`,
} as const;

/**
 * Enqueues jobs as part of the transaction of `manager`: they exist if and only if it commits. Returns the id of each
 * in the order given, null where a job of that key waits already and is kept, and the waiting job's own id where it is
 * replaced. One statement for all of them, two when some replace and others do not.
 *
 * Throws JobValidationError with every problem of every job, and Error outside of a transaction.
 */
export function enqueue(manager: EntityManager, jobs: readonly PendingJob[]): Promise<readonly (string | null)[]> {
  return insertJobs(manager, jobs, null);
}

/** As `enqueue`, for the schedule that the jobs belong to. */
export async function insertJobs(
  manager: EntityManager,
  jobs: readonly PendingJob[],
  schedule: string | null,
): Promise<readonly (string | null)[]> {
  if (manager.queryRunner?.isTransactionActive !== true) {
    throw new Error('enqueue needs the EntityManager of a transaction: dataSource.transaction((manager) => ...)');
  }
  if (jobs.length === 0) return [];
  const made = seal(jobs);
  const local = localWorkerOf(manager.dataSource);
  const names = new Set(jobs.map(({ kind }) => kind.name));
  const isQuiet = local !== undefined && ![...names].some((name) => local.needsOthersFor(name));
  const ids = new Map<NewJob, string>();
  for (const replaces of [false, true]) {
    const some = onePerKey(
      made.filter(({ job }) => (job.options.onDuplicate === 'replace') === replaces),
      replaces,
    );
    if (some.length > 0) await insert(manager, some, { replaces, schedule, isQuiet, ids });
  }
  if (isQuiet) afterCommit(manager, local.wake);
  return made.map((job) => ids.get(job) ?? null);
}

function seal(jobs: readonly PendingJob[]): readonly NewJob[] {
  const problems: string[] = [];
  const made = jobs.map((job): NewJob => {
    const { kind, options } = job;
    const parsed = kind.schema.safeParse(job.data);
    const found = parsed.success ? [] : describeIssues(parsed.error);
    const data = JSON.stringify(parsed.data ?? null);
    const size = Buffer.byteLength(data);
    if (size > MAX_JOB_BYTES) found.push(`${size} bytes, at most ${MAX_JOB_BYTES} are allowed`);
    if (options.key !== undefined && (options.key === '' || options.key.includes('\0')))
      found.push('key is empty or holds NUL');
    if ((options.key?.length ?? 0) > MAX_KEY_LENGTH) found.push(`key is longer than ${MAX_KEY_LENGTH}`);
    if (Number.isNaN(options.runAt?.getTime())) found.push('runAt is no time');
    if (!Number.isFinite(options.delayMs ?? 0)) found.push('delayMs is no number of milliseconds');
    problems.push(...found.map((problem) => `${kind.name}: ${problem}`));
    return { id: uuidv7(), job, data };
  });
  if (problems.length > 0) throw new JobValidationError(problems);
  return made;
}

/** Of jobs of one key, the one that stays: the first, or the last when each replaces the one before. In lock order. */
function onePerKey(jobs: readonly NewJob[], replaces: boolean): readonly NewJob[] {
  const keyed = new Map<string, NewJob>();
  const free = jobs.filter((made) => {
    const { key } = made.job.options;
    if (key === undefined) return true;
    const place = JSON.stringify([made.job.kind.name, key]);
    if (replaces || !keyed.has(place)) keyed.set(place, made);
    return false;
  });
  // Two transactions that enqueue the same keys wait for each other in one order only.
  const ordered = [...keyed].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, made]) => made);
  return [...free, ...ordered];
}

async function insert(
  manager: EntityManager,
  made: readonly NewJob[],
  options: {
    readonly replaces: boolean;
    readonly schedule: string | null;
    readonly isQuiet: boolean;
    readonly ids: Map<NewJob, string>;
  },
): Promise<void> {
  const conflict = made.every(({ job }) => job.options.key === undefined)
    ? 'none'
    : options.replaces
      ? 'replace'
      : 'keep';
  const cause = currentCause();
  const client = await clientOf(manager);
  const statement = `${INSERT}${ON_CONFLICT[conflict]} RETURNING id, name, key`;
  const { rows } = await client.query<{ id: string; name: string; key: string | null }>({
    name: `orion-enqueue-${conflict}-${options.isQuiet}`,
    text: options.isQuiet
      ? statement
      : `WITH made AS (${statement}), told AS (SELECT pg_notify('${JOBS_CHANNEL}', '')) SELECT made.* FROM made, told`,
    values: [
      made.map(({ id }) => id),
      made.map(({ job }) => job.kind.name),
      made.map(({ job }) => PRIORITIES.indexOf(job.options.priority ?? job.kind.priority)),
      made.map(({ job }) => job.options.runAt?.toISOString() ?? null),
      made.map(({ job }) => job.options.delayMs ?? 0),
      made.map(({ job }) => job.options.key ?? null),
      made.map(({ data }) => data),
      cause === undefined ? null : JSON.stringify(cause),
      options.schedule,
    ],
  });
  const byId = new Map(made.map((one) => [one.id, one]));
  for (const { id, name, key } of rows) {
    // A replaced job keeps its id, which is not the new one.
    const one = byId.get(id) ?? made.find(({ job }) => job.kind.name === name && job.options.key === key);
    if (one !== undefined) options.ids.set(one, id);
  }
}

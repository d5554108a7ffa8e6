import type { DataSource, EntityManager } from 'typeorm';
import type { Cause } from '../causation.js';
import type { LogPosition } from '../transport/log-position.js';

/** A process that gives no sign for so long has lost its replay. */
const LEASE_SECONDS = 30;

/** What was asked for, as it came over the bus. */
export interface ReplayRequest {
  readonly from: 'beginning' | { readonly time: string } | { readonly offset: number };
  readonly types?: readonly string[] | undefined;
  readonly requestedById: string | null;
}

/** A replay that somebody asked for. */
export interface RequestedReplay {
  readonly id: string;
  readonly group: string;
  readonly cause: Cause;
  readonly request: ReplayRequest;
}

/** Another process has this replay now. */
export class ReplayLostError extends Error {
  override readonly name = 'ReplayLostError';
}

/** Puts a replay down to be carried out by one process. False when its id is known: it was asked for before. */
export async function enqueueReplay(
  manager: EntityManager,
  { id, group, cause, request }: RequestedReplay,
): Promise<boolean> {
  const rows: readonly unknown[] = await manager.query(
    `INSERT INTO event_replays (id, grp, request, cause) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    [id, group, JSON.stringify(request), JSON.stringify(cause)],
  );
  return rows.length === 1;
}

/** The oldest replay of `groups` that nobody carries out, now `owner`'s. One whose process died starts over. */
export async function claimReplay(
  dataSource: DataSource,
  { owner, groups }: { readonly owner: string; readonly groups: readonly string[] },
): Promise<RequestedReplay | undefined> {
  const [rows]: [readonly RequestedReplay[], number] = await dataSource.query(
    `UPDATE event_replays SET state = 'running', owner = $1, changed_at = now(),
       lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
     WHERE id = (
       SELECT id FROM event_replays
       WHERE (state = 'waiting' OR (state = 'running' AND lease_until < now())) AND grp = ANY($2)
       ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, grp AS "group", cause, request`,
    [owner, groups],
  );
  return rows[0];
}

interface Ownership {
  readonly id: string;
  readonly owner: string;
}

/** Counts effects in the transaction that makes them, and holds the lease. Rejects with ReplayLostError. */
export async function keepReplay(
  manager: EntityManager,
  { id, owner }: Ownership,
  { effects }: { readonly effects: number },
): Promise<void> {
  const [, kept]: [unknown, number] = await manager.query(
    `UPDATE event_replays SET effects = effects + $3, lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
     WHERE id = $1 AND owner = $2 AND state = 'running'`,
    [id, owner, effects],
  );
  if (kept === 0) throw new ReplayLostError(`replay ${id} is carried out by another process now`);
}

/** Ends a replay. Returns its effects; undefined when another process has it now. */
export async function finishReplay(
  manager: EntityManager,
  { id, owner }: Ownership,
  error: string | null,
): Promise<number | undefined> {
  const [rows]: [readonly { readonly effects: string }[], number] = await manager.query(
    `UPDATE event_replays SET state = $3, error = $4, changed_at = now(), owner = NULL, lease_until = NULL
     WHERE id = $1 AND owner = $2 AND state = 'running' RETURNING effects`,
    [id, owner, error === null ? 'done' : 'failed', error],
  );
  return rows[0] === undefined ? undefined : Number(rows[0].effects);
}

/** Gives a replay back, for another process to go on with. */
export async function releaseReplay({ manager }: DataSource, { id, owner }: Ownership): Promise<void> {
  await manager.query(
    `UPDATE event_replays SET state = 'waiting', owner = NULL, lease_until = NULL, changed_at = now()
     WHERE id = $1 AND owner = $2 AND state = 'running'`,
    [id, owner],
  );
}

/** The place in the log that a request names. */
export function positionOf({ from }: ReplayRequest): LogPosition {
  if (from === 'beginning' || 'offset' in from) return from;
  return { time: new Date(from.time) };
}

import type { EntityManager } from 'typeorm';
import { isUuid } from '../../ids/index.js';
import type { Cause } from '../causation.js';
import { describeError } from '../consuming/parked-events.js';
import type { ParkedState } from '../consuming/parked-events.js';
import type { EventEnvelope } from '../envelope.js';

/** Names parked events: those ids of one group. */
export interface ParkedSelection {
  readonly group: string;
  readonly eventIds: readonly string[];
}

/** On whose behalf a dead event was driven again: what becomes of it is told under this cause. */
export interface Redrive {
  readonly cause: Cause;
  readonly requestedById: string | null;
}

/** What has become of a parked event. gone: the group has none of this id. refused: nothing was changed. */
export interface Settlement {
  readonly eventId: string;
  readonly outcome: 'redriven' | 'discarded' | 'edited' | 'processed' | 'refused' | 'gone';
  /** Why it was discarded or refused. */
  readonly reason: string | null;
}

interface ParkedRow {
  readonly event_id: string;
  readonly state: ParkedState;
  readonly error: string | null;
  readonly envelope: EventEnvelope;
}

const DISCARDED = 'discarded: ';

/**
 * Gives dead events all their attempts again, at once. One that waits for an attempt already is as good as redriven.
 * Tells of every id what it is now.
 */
export async function redriveParkedEvents(
  manager: EntityManager,
  { redrive, ...selection }: ParkedSelection & { readonly redrive?: Redrive },
): Promise<readonly Settlement[]> {
  const ids = idsOf(selection);
  const rows = await lockParked(manager, { ...selection, eventIds: ids });
  await manager.query(
    `UPDATE parked_events SET state = 'retry', attempt = 0, next_at = now(), changed_at = now(), redrive = $3
     WHERE grp = $1 AND event_id = ANY($2) AND state = 'dead'`,
    [selection.group, [...rows.keys()], redrive === undefined ? null : JSON.stringify(redrive)],
  );
  return ids.map((eventId) => {
    const row = rows.get(eventId);
    return isSettled(row) ? settled(eventId, row) : { eventId, outcome: 'redriven', reason: null };
  });
}

/** Gives up on events for good, dead or waiting; the reason is kept in place of the error. */
export async function discardParkedEvents(
  manager: EntityManager,
  { reason, ...selection }: ParkedSelection & { readonly reason: string },
): Promise<readonly Settlement[]> {
  const ids = idsOf(selection);
  const rows = await lockParked(manager, { ...selection, eventIds: ids });
  await manager.query(
    `UPDATE parked_events SET state = 'done', error = $3, changed_at = now(), redrive = NULL
     WHERE grp = $1 AND event_id = ANY($2) AND state <> 'done'`,
    [selection.group, [...rows.keys()], describeError(`${DISCARDED}${reason}`)],
  );
  return ids.map((eventId) => {
    const row = rows.get(eventId);
    return isSettled(row) ? settled(eventId, row) : { eventId, outcome: 'discarded', reason };
  });
}

/**
 * Replaces the data of a dead event, before it is driven again. `findFault` says what is wrong with the event as it
 * would become; then, and when the event is not dead, nothing changes.
 */
export async function editParkedEvent(
  manager: EntityManager,
  {
    group,
    eventId,
    data,
    findFault,
  }: {
    readonly group: string;
    readonly eventId: string;
    readonly data: unknown;
    readonly findFault: (edited: EventEnvelope) => string | null;
  },
): Promise<Settlement> {
  const row = (await lockParked(manager, { group, eventIds: [eventId] })).get(eventId.toLowerCase());
  if (row === undefined) return { eventId, outcome: 'gone', reason: null };
  const edited = { ...row.envelope, data };
  const fault =
    row.state === 'dead' ? findFault(edited) : `only a dead event can be edited, and this one ${IS[row.state]}`;
  if (fault !== null) return { eventId, outcome: 'refused', reason: describeError(fault) };
  await manager.query(`UPDATE parked_events SET envelope = $3, changed_at = now() WHERE grp = $1 AND event_id = $2`, [
    group,
    eventId,
    JSON.stringify(edited),
  ]);
  return { eventId, outcome: 'edited', reason: null };
}

const IS: Readonly<Record<ParkedState, string>> = {
  retry: 'waits for its next attempt',
  dead: 'is dead',
  done: 'took effect or was discarded',
};

/** Each once, and spelt as Postgres spells them. */
function idsOf({ eventIds }: ParkedSelection): readonly string[] {
  return [...new Set(eventIds.map((id) => id.toLowerCase()))];
}

/** Waits for whoever works on one of them. */
async function lockParked(
  manager: EntityManager,
  { group, eventIds }: ParkedSelection,
): Promise<ReadonlyMap<string, ParkedRow>> {
  const rows: readonly ParkedRow[] = await manager.query(
    `SELECT event_id, state, error, envelope FROM parked_events
     WHERE grp = $1 AND event_id = ANY($2::uuid[]) ORDER BY seq FOR UPDATE`,
    // Ids of commands are any text; one that is no UUID names nothing.
    [group, eventIds.filter(isUuid)],
  );
  return new Map(rows.map((row) => [row.event_id, row]));
}

/** True when nothing is left to do: there is no such event, or it is done. */
function isSettled(row: ParkedRow | undefined): boolean {
  return row === undefined || row.state === 'done';
}

function settled(eventId: string, row: ParkedRow | undefined): Settlement {
  if (row === undefined) return { eventId, outcome: 'gone', reason: null };
  if (row.error?.startsWith(DISCARDED) !== true) return { eventId, outcome: 'processed', reason: null };
  return { eventId, outcome: 'discarded', reason: row.error.slice(DISCARDED.length) };
}

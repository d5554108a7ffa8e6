import type { EntityManager } from 'typeorm';
import {
  auditRecorded,
  deadLetterDiscardRequested,
  deadLetterEditRequested,
  deadLetterRedriveRequested,
  eventsReplayRequested,
} from '../../event-contracts/index.js';
import { uuidv7 } from '../../ids/index.js';
import { causeOf } from '../consuming/event-processing.js';
import { on, route } from '../consuming/route.js';
import type { EventHandler } from '../consuming/route.js';
import type { PendingEvent } from '../contracts/contract.js';
import type { ResolveEvent } from '../contracts/resolve-event.js';
import type { EventEnvelope } from '../envelope.js';
import { publish } from '../publishing/outbox.js';
import { enqueueReplay } from '../replay/replay-queue.js';
import { announceSettlements } from './redrive-answer.js';
import { discardParkedEvents, editParkedEvent, redriveParkedEvents } from './settle-parked.js';
import type { Settlement } from './settle-parked.js';

/** Where commands for all services are published. Each service reads all of them and carries out its own. */
export const OPERATIONS_TOPIC = 'orion.system';
/** What of that topic is a command. */
export const OPERATIONS_TYPES: readonly string[] = ['dead_letter.*', 'events.replay_requested'];

/** The consumer groups of a service, as operations need to know them. */
export interface OperatedGroups {
  /** True for groups that this process consumes. */
  has(group: string): boolean;
  /** Validates events as the group does. Undefined when this process does not consume the group. */
  resolverOf(group: string): ResolveEvent | undefined;
}

/**
 * Carries out commands on the dead letters and replays of a service, in one transaction each with its answers and with
 * a record for the audit log. Groups of other services are passed over. Doing a command again changes nothing: it tells
 * what is the case.
 */
export function createOperationsHandler(service: string, groups: OperatedGroups): EventHandler {
  const isOurs = async (manager: EntityManager, group: string): Promise<boolean> =>
    // Also a group that an older or a newer process of the service consumes: what it did is in this database.
    groups.has(group) || (await hasTraces(manager, group));

  async function answer(
    manager: EntityManager,
    command: Command,
    {
      action,
      reason,
      settlements,
    }: { readonly action: string; readonly reason: string | null; readonly settlements: readonly Settlement[] },
  ): Promise<void> {
    const { group, requestedById } = command;
    await announceSettlements(manager, { service, group }, { settlements, requestedById });
    const isDone = settlements.some(({ outcome }) => outcome !== 'refused' && outcome !== 'gone');
    await publish(manager, [
      audit(service, command, {
        action,
        outcome: isDone ? 'success' : 'failure',
        targets: settlements.map(({ eventId }) => ({ type: 'event', id: eventId })),
        reason,
        details: { group, outcomes: countOutcomes(settlements) },
      }),
    ]);
  }

  return route([
    on(deadLetterRedriveRequested, async (event, manager) => {
      const { group, eventIds, requestedById } = event.data;
      if (!(await isOurs(manager, group))) return;
      const redrive = { cause: causeOf(event), requestedById };
      const settlements = await redriveParkedEvents(manager, { group, eventIds, redrive });
      await answer(manager, event.data, { action: 'dead_letter.redriven', reason: null, settlements });
    }),
    on(deadLetterDiscardRequested, async (event, manager) => {
      const { group, eventIds, reason } = event.data;
      if (!(await isOurs(manager, group))) return;
      const settlements = await discardParkedEvents(manager, { group, eventIds, reason });
      await answer(manager, event.data, { action: 'dead_letter.discarded', reason, settlements });
    }),
    on(deadLetterEditRequested, async (event, manager) => {
      const { group, eventId, data, redrive, requestedById } = event.data;
      if (!(await isOurs(manager, group))) return;
      const findFault = faultFinder(groups.resolverOf(group));
      const edited = await editParkedEvent(manager, { group, eventId, data, findFault });
      const settlements =
        edited.outcome === 'edited' && redrive
          ? await redriveParkedEvents(manager, {
              group,
              eventIds: [eventId],
              redrive: { cause: causeOf(event), requestedById },
            })
          : [edited];
      // Neither the old data nor the new: the readers of the audit log may not see it.
      await answer(manager, event.data, { action: 'dead_letter.edited', reason: edited.reason, settlements });
    }),
    on(eventsReplayRequested, async (event, manager) => {
      const { group, replayId, from, types, requestedById } = event.data;
      if (!(await isOurs(manager, group))) return;
      const isNew = await enqueueReplay(manager, {
        id: replayId,
        group,
        cause: causeOf(event),
        request: { from, types, requestedById },
      });
      if (!isNew) return;
      await publish(manager, [
        audit(service, event.data, {
          action: 'events.replay_started',
          outcome: 'success',
          targets: [{ type: 'replay', id: replayId }],
          reason: null,
          details: { group, from, types: types ?? null },
        }),
      ]);
    }),
  ]);
}

/** The group that a command is about. The command has been validated: it was carried out. */
export function operatedGroupOf({ data }: EventEnvelope): string {
  return (data as Command).group;
}

interface Command {
  readonly group: string;
  readonly requestedById: string | null;
}

function audit(
  service: string,
  { requestedById }: Command,
  record: {
    readonly action: string;
    readonly outcome: 'success' | 'failure';
    readonly targets: { readonly type: string; readonly id: string }[];
    readonly reason: string | null;
    readonly details: Record<string, unknown>;
  },
): PendingEvent {
  return auditRecorded.of({
    auditId: uuidv7(),
    actorType: requestedById === null ? 'system' : 'user',
    actorId: requestedById,
    service,
    ip: null,
    userAgent: null,
    occurredAt: new Date().toISOString(),
    ...record,
  });
}

async function hasTraces(manager: EntityManager, group: string): Promise<boolean> {
  const [{ found }]: [{ found: boolean }] = await manager.query(
    'SELECT EXISTS (SELECT 1 FROM inbox WHERE grp = $1) OR EXISTS (SELECT 1 FROM parked_events WHERE grp = $1) AS found',
    [group],
  );
  return found;
}

function faultFinder(resolve: ResolveEvent | undefined): Parameters<typeof editParkedEvent>[1]['findFault'] {
  if (resolve === undefined)
    return () => 'the service does not consume this group (any more), so nobody could process it';
  return (edited) => {
    try {
      resolve(edited);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}

function countOutcomes(settlements: readonly Settlement[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of settlements) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

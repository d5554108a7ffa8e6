import { eventsReplayRequested } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { DataSource } from 'typeorm';
import { auditOf } from '../operator/operator.js';
import type { Operator } from '../operator/operator.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { EventReplay } from './event-replay.entity.js';
import type { EventPositionInput, ReplayEventsInput } from './event-replay.types.js';

const GROUP = /^[a-z0-9][a-z0-9_.-]{0,199}$/;
const PATTERN = /^(?:[a-z0-9_]+|\*{1,2})(?:\.(?:[a-z0-9_]+|\*{1,2}))*$/;
const MOST_PATTERNS = 100;
const LONGEST_PATTERN = 200;

/** Asks groups to read the log again, and knows what came of it. */
export class EventReplayService {
  constructor(private readonly database: DataSource) {}

  /** Last first. */
  page(request: PageRequest): Promise<Connection<EventReplay>> {
    return loadOrderedPage(this.database.manager, EventReplay, {
      request,
      column: 'requested_at',
      direction: 'DESC',
      where: ['true'],
      parameters: [],
    });
  }

  /** Writes it down and asks the service of the group, in one transaction. */
  async request(
    input: ReplayEventsInput,
    operator: Operator,
  ): Promise<{ readonly replay: EventReplay | null; readonly userErrors: UserError[] }> {
    const userErrors = faultsOf(input);
    const from = positionOf(input.from);
    if (userErrors.length > 0 || from === null) return { replay: null, userErrors };
    const { group } = input;
    const types = input.types ?? null;
    const id = uuidv7();
    return this.database.transaction(async (manager) => {
      await manager.query(
        `INSERT INTO replay_requests (id, grp, from_time, from_offset, types, requested_by)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, group, input.from.time ?? null, input.from.offset ?? null, types, operator.userId],
      );
      await publish(manager, [
        eventsReplayRequested.of({
          replayId: id,
          group,
          from,
          ...(types !== null && { types: [...types] }),
          requestedById: operator.userId,
        }),
        auditOf(operator, {
          action: 'events.replay_requested',
          targets: [
            { type: 'consumer_group', id: group },
            { type: 'event_replay', id },
          ],
          reason: null,
          details: { from, types },
        }),
      ]);
      return { replay: await manager.findOneByOrFail(EventReplay, { id }), userErrors: [] };
    });
  }
}

function faultsOf({ group, from, types }: ReplayEventsInput): UserError[] {
  const faults: UserError[] = [];
  if (!GROUP.test(group)) faults.push(userError('GROUP_INVALID', ['input', 'group']));
  if (positionOf(from) === null) faults.push(userError('POSITION_INVALID', ['input', 'from']));
  if (types != null && !arePatterns(types)) faults.push(userError('TYPES_INVALID', ['input', 'types']));
  return faults;
}

const arePatterns = (types: readonly string[]): boolean =>
  types.length > 0 &&
  types.length <= MOST_PATTERNS &&
  types.every((type) => type.length <= LONGEST_PATTERN && PATTERN.test(type));

/** Null unless it says exactly one place. */
function positionOf({
  time,
  offset,
  beginning,
}: EventPositionInput): 'beginning' | { readonly time: string } | { readonly offset: number } | null {
  if ([time != null, offset != null, beginning].filter(Boolean).length !== 1) return null;
  if (time != null) return { time: time.toISOString() };
  if (offset != null) return offset < 0 ? null : { offset };
  return 'beginning';
}

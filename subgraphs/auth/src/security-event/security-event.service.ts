import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import { holds } from '@orion/platform/identity';
import { isUuid } from '@orion/platform/ids';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { createConditions, loadOrderedPage, loadPages } from '@orion/platform/pagination';
import type { Connection, OwnedPageRequest, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { SecurityEvent } from './security-event.entity.js';
import type { SecurityEventFilter } from './security-event-list.types.js';

/** Reads what was recorded. */
export class SecurityEventService {
  readonly byId: BatchLoad<string, SecurityEvent | null>;

  constructor(private readonly manager: EntityManager) {
    this.byId = loadById(manager, SecurityEvent);
  }

  /** Pages of many people's events at once. */
  readonly pagesOfUsers: BatchLoad<OwnedPageRequest, Connection<SecurityEvent>> = (requests) =>
    loadPages(this.manager, SecurityEvent, { ownerColumn: 'user_id', requests });

  /** To the owner of the account, and to those who read everybody's. */
  async visible(id: string, { viewer, loaders }: SubgraphContext): Promise<SecurityEvent | null> {
    if (viewer === null || !isUuid(id)) return null;
    const event = await loaders.load(this.byId, id);
    return event !== null && (event.userId === viewer.userId || holds(viewer, 'security-event:read:any'))
      ? event
      : null;
  }

  /** Of everybody, newest first. */
  page(filter: SecurityEventFilter | null, request: PageRequest): Promise<Connection<SecurityEvent>> {
    const conditions = createConditions();
    // No such person has an id that is none.
    if (typeof filter?.userId === 'string' && !isUuid(filter.userId)) conditions.require('false');
    else conditions.add(filter?.userId, (value) => `t.user_id = ${value}`);
    conditions.add(filter?.types, (value) => `t.type = ANY(${value})`);
    conditions.add(filter?.severities, (value) => `t.severity = ANY(${value})`);
    conditions.add(filter?.occurredAfter, (value) => `t.occurred_at >= ${value}`);
    conditions.add(filter?.occurredBefore, (value) => `t.occurred_at < ${value}`);
    return loadOrderedPage(this.manager, SecurityEvent, {
      request,
      // UUIDv7: by time.
      column: 'id',
      direction: 'DESC',
      where: conditions.where,
      parameters: conditions.parameters,
    });
  }
}

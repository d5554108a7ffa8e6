import type { BatchLoad } from '@orion/platform/loading';
import { loadPages } from '@orion/platform/pagination';
import type { Connection, OwnedPageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { Activity } from './activity.entity.js';

/** Reads what people did. */
export class ActivityService {
  constructor(private readonly manager: EntityManager) {}

  /** Pages of many people in one statement, newest first. */
  readonly pagesOfUsers: BatchLoad<OwnedPageRequest, Connection<Activity>> = (requests) =>
    loadPages(this.manager, Activity, { ownerColumn: 'user_id', requests });
}

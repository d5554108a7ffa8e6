import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import type { Connection } from '@orion/platform/pagination';
import { In } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { loadNotificationPages } from './notification-pages.js';
import type { NotificationPageRequest } from './notification-pages.js';
import { Notification } from './notification.entity.js';

/** Reads notifications. */
export class NotificationService {
  readonly byId: BatchLoad<string, Notification | null>;

  constructor(private readonly manager: EntityManager) {
    this.byId = loadById(manager, Notification);
  }

  /** Pages of inboxes and archives, for many people at once. */
  readonly pagesOfUsers: BatchLoad<NotificationPageRequest, Connection<Notification>> = (requests) =>
    loadNotificationPages(this.manager, requests);

  /** In the order they were made; what does not exist is left out. */
  findAll(manager: EntityManager, ids: readonly string[]): Promise<Notification[]> {
    return manager.find(Notification, { where: { id: In([...ids]) }, order: { id: 'ASC' } });
  }
}

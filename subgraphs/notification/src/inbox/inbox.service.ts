import { notificationArchived, notificationDelivered, notificationRead } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import type { BatchLoad } from '@orion/platform/loading';
import { In } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { retryDeadlock } from '../database/retry-deadlock.js';
import { NotificationChannel } from '../notification/notification.entity.js';
import { changeStatement, LOCK_INBOX } from './inbox-change.js';
import type { ChangedNotification, InboxChange, InboxChangeRow } from './inbox-change.js';
import { Inbox } from './inbox.entity.js';
import type { NotificationCounts } from './inbox.types.js';

/** What a change did. */
export interface InboxChanged {
  readonly changed: number;
  readonly counts: NotificationCounts;
}

const EMPTY: NotificationCounts = { unseen: 0, unread: 0, total: 0, rev: 0 };

/** Events are published in portions, so that a large inbox is not one huge statement. */
const EVENTS_AT_ONCE = 1_000;

/** Seeing is told by the delivery that it proves. */
const EVENT_OF: Readonly<Record<InboxChange, typeof notificationRead | null>> = {
  seen: null,
  read: notificationRead,
  archived: notificationArchived,
};

/** Counts, marks and archives what is in inboxes. */
export class InboxService {
  constructor(private readonly database: DataSource) {}

  /** Counts of many inboxes; zero for somebody who was never notified. */
  readonly countsOfUsers: BatchLoad<string, NotificationCounts> = async (userIds) => {
    const inboxes = await this.database.manager.findBy(Inbox, { userId: In([...userIds]) });
    const byUser = new Map(inboxes.map((inbox) => [inbox.userId, toCounts(inbox)]));
    return userIds.map((userId) => byUser.get(userId.toLowerCase()) ?? EMPTY);
  };

  /** Changes those of `ids` that are in the inbox of `userId` and are not changed yet; all of them when `ids` is null. */
  change(
    userId: string,
    { change, ids }: { readonly change: InboxChange; readonly ids: readonly string[] | null },
  ): Promise<InboxChanged> {
    return retryDeadlock(() =>
      this.database.transaction(async (manager) => {
        await manager.query(LOCK_INBOX, [userId]);
        const [row]: InboxChangeRow[] = await manager.query(changeStatement(change), [
          userId,
          ids?.filter(isUuid) ?? null,
        ]);
        if (row === undefined) return { changed: 0, counts: EMPTY };
        await this.announce(manager, { change, userId, changed: row.changed });
        return { changed: row.changed.length, counts: toCounts(row) };
      }),
    );
  }

  private async announce(
    manager: EntityManager,
    {
      change,
      userId,
      changed,
    }: { readonly change: InboxChange; readonly userId: string; readonly changed: readonly ChangedNotification[] },
  ): Promise<void> {
    const events = changed.flatMap(({ id, type, isFirstSign }) => {
      const message = {
        notificationId: id,
        recipientId: userId,
        notificationType: type,
        channel: NotificationChannel.IN_APP,
      };
      return [isFirstSign ? notificationDelivered : null, EVENT_OF[change]].flatMap(
        (event) => event?.of(message) ?? [],
      );
    });
    for (let start = 0; start < events.length; start += EVENTS_AT_ONCE) {
      await publish(manager, events.slice(start, start + EVENTS_AT_ONCE));
    }
  }
}

/** The counters as the schema shows them. */
export function toCounts({
  unseen,
  unread,
  total,
  rev,
}: Pick<Inbox, 'unseen' | 'unread' | 'total' | 'rev'>): NotificationCounts {
  return { unseen, unread, total, rev: Number(rev) };
}

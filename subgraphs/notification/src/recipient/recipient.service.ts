import { In, IsNull } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { Recipient } from './recipient.entity.js';

/** What an event tells about a person; what it does not tell is undefined. */
export interface RecipientNews {
  readonly userId: string;
  readonly email?: string;
  readonly displayName?: string;
  readonly locale?: string;
}

/** Keeps the copy of the people who can be notified. */
export class RecipientService {
  /**
   * Notes what sign-up told. The profile's events may have overtaken it, and know name and language better.
   * Returns false for a person who is deleted already.
   */
  noteSignUp(manager: EntityManager, news: Required<RecipientNews>): Promise<boolean> {
    return this.upsert(
      manager,
      news,
      `email = excluded.email, display_name = coalesce(recipients.display_name, excluded.display_name),
       locale = coalesce(recipients.locale, excluded.locale)`,
    );
  }

  /** Notes the address that auth has; the rest only where nothing is known. Returns false for who is deleted already. */
  noteAddress(manager: EntityManager, news: RecipientNews & { readonly email: string }): Promise<boolean> {
    return this.upsert(manager, news, `email = excluded.email, locale = coalesce(recipients.locale, excluded.locale)`);
  }

  /** Notes what the profile says now. Returns false for a person who is deleted already. */
  noteProfile(manager: EntityManager, news: RecipientNews): Promise<boolean> {
    return this.upsert(
      manager,
      news,
      `email = coalesce(recipients.email, excluded.email), display_name = excluded.display_name, locale = excluded.locale`,
    );
  }

  /** Those of `userIds` that exist, locked until the transaction ends so that none is deleted meanwhile. */
  async findForSending(manager: EntityManager, userIds: readonly string[]): Promise<ReadonlyMap<string, Recipient>> {
    const found = await manager.find(Recipient, {
      where: { userId: In([...userIds]), deletedAt: IsNull() },
      lock: { mode: 'pessimistic_read' },
      order: { userId: 'ASC' },
    });
    return new Map(found.map((recipient) => [recipient.userId, recipient]));
  }

  /** Null when nothing has been heard of them yet. */
  find(manager: EntityManager, userId: string): Promise<Recipient | null> {
    return manager.findOneBy(Recipient, { userId });
  }

  /** Deletes what is stored about a person and to them. The bare id stays, see the table. */
  async erase(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      `INSERT INTO recipients (user_id, deleted_at) VALUES ($1, now())
       ON CONFLICT (user_id) DO UPDATE
       SET deleted_at = now(), email = NULL, display_name = NULL, locale = NULL`,
      [userId],
    );
    // The inbox first: it is the first lock of everybody who changes what is in it.
    await manager.query('DELETE FROM inboxes WHERE user_id = $1', [userId]);
    await manager.query('DELETE FROM notifications WHERE recipient_id = $1', [userId]);
    await manager.query('UPDATE notifications SET actor_id = NULL WHERE actor_id = $1', [userId]);
    await manager.query('DELETE FROM sends WHERE sender_id = $1', [userId]);
  }

  private async upsert(manager: EntityManager, news: RecipientNews, changes: string): Promise<boolean> {
    const rows: unknown[] = await manager.query(
      `INSERT INTO recipients (user_id, email, display_name, locale) VALUES ($1, $2, $3, $4)
       ON CONFLICT (user_id) DO UPDATE SET ${changes} WHERE recipients.deleted_at IS NULL
       RETURNING user_id`,
      [news.userId, news.email ?? null, news.displayName ?? null, news.locale ?? null],
    );
    return rows.length > 0;
  }
}

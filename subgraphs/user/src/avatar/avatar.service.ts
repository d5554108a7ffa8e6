import { createHash, randomBytes } from 'node:crypto';
import { auditOf } from '@orion/platform/audit';
import type { AuditActor } from '@orion/platform/audit';
import { userUpdated } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { BatchLoad } from '@orion/platform/loading';
import type { PublicFile } from '@orion/platform/subgraph';
import type { DataSource, EntityManager } from 'typeorm';
import { ActivityKind } from '../activity/activity.entity.js';
import { recordActivity } from '../activity/record-activity.js';
import type { ProfileService } from '../profile/profile.service.js';
import { AVATAR_PIXELS, ImageWorkshop } from './image-workshop.js';
import type { SizedImage } from './image-workshop.js';
import { readImage } from './read-image.js';

const FILE = /^([A-Za-z0-9_-]{43})-(64|256|512)\.webp$/;
const LARGEST = Math.max(...AVATAR_PIXELS);
const DEFAULT_LOCALE = 'en';

/** Keeps the pictures of people. */
export class AvatarService {
  readonly #workshop = new ImageWorkshop();

  constructor(
    private readonly database: DataSource,
    private readonly profiles: ProfileService,
  ) {}

  /** The hash of the pictures of many people in one statement; null for who has none. */
  readonly hashesOfUsers: BatchLoad<string, string | null> = async (userIds) => {
    const rows: { readonly userId: string; readonly hash: string }[] = await this.database.query(
      'SELECT user_id AS "userId", hash FROM avatars WHERE user_id = ANY($1::uuid[]) AND size = $2',
      [userIds, LARGEST],
    );
    const byUser = new Map(rows.map(({ userId, hash }) => [userId, hash]));
    return userIds.map((id) => byUser.get(id) ?? null);
  };

  /** Makes the text, which is a picture, that of the actor. Null when it is; otherwise what is wrong with it. */
  async upload(
    userId: string,
    content: string,
    actor: AuditActor,
  ): Promise<'IMAGE_TOO_LARGE' | 'IMAGE_INVALID' | null> {
    const bytes = readImage(content);
    if (typeof bytes === 'string') return bytes;
    const images = await this.#workshop.make(bytes);
    if (typeof images === 'string') return images;
    const hash = hashOf(images);
    await this.database.transaction(async (manager) => {
      await this.profiles.createProvisional(manager, userId);
      if (!(await touchProfile(manager, userId))) return;
      for (const { size, content: picture } of images) {
        await manager.query(
          `INSERT INTO avatars (user_id, size, hash, content) VALUES ($1, $2, $3, $4)
           ON CONFLICT (user_id, size) DO UPDATE
             SET hash = excluded.hash, content = excluded.content, created_at = now()`,
          [userId, size, hash, picture],
        );
      }
      await remember(manager, { userId, actor, kind: ActivityKind.AVATAR_UPLOADED, action: 'avatar.uploaded' });
    });
    return null;
  }

  /** Removes the actor's picture, when there is one. */
  remove(userId: string, actor: AuditActor): Promise<void> {
    return this.database.transaction(async (manager) => {
      const [, removed]: [unknown, number] = await manager.query('DELETE FROM avatars WHERE user_id = $1', [userId]);
      if (removed === 0 || !(await touchProfile(manager, userId))) return;
      await remember(manager, { userId, actor, kind: ActivityKind.AVATAR_REMOVED, action: 'avatar.removed' });
    });
  }

  /** A picture by the name of its file; null when there is none. */
  async file(name: string): Promise<PublicFile | null> {
    const [, hash, size] = FILE.exec(name) ?? [];
    if (hash === undefined) return null;
    const [row]: { readonly content: Buffer }[] = await this.database.query(
      'SELECT content FROM avatars WHERE hash = $1 AND size = $2',
      [hash, Number(size)],
    );
    return row === undefined
      ? null
      : {
          contentType: 'image/webp',
          body: row.content,
          // The name goes with the content: it is good for ever, and gone with the picture for who has not fetched it.
          cacheControl: 'public, max-age=31536000, immutable',
        };
  }
}

/** Salted: who has a picture cannot find out whether it is somebody's here. */
function hashOf(images: readonly SizedImage[]): string {
  const hash = createHash('sha256').update(randomBytes(32));
  for (const { content } of images) hash.update(content);
  return hash.digest('base64url');
}

/** The picture is part of the profile: its version rises. False when there is no such person any more. */
async function touchProfile(manager: EntityManager, userId: string): Promise<boolean> {
  const [rows]: [unknown[], number] = await manager.query(
    `UPDATE users SET profile_version = profile_version + 1, updated_at = now()
      WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
    [userId],
  );
  return rows.length === 1;
}

async function remember(
  manager: EntityManager,
  {
    userId,
    actor,
    kind,
    action,
  }: {
    readonly userId: string;
    readonly actor: AuditActor;
    readonly kind: ActivityKind;
    readonly action: string;
  },
): Promise<void> {
  await recordActivity(manager, { userId, kind, ip: actor.ip, userAgent: actor.userAgent });
  const [user]: { readonly displayName: string; readonly locale: string | null }[] = await manager.query(
    'SELECT display_name AS "displayName", locale FROM users WHERE id = $1',
    [userId],
  );
  if (user === undefined) throw new Error(`no profile of ${userId}`);
  await publish(manager, [
    userUpdated.of({ userId, displayName: user.displayName, locale: user.locale ?? DEFAULT_LOCALE }),
    auditOf(actor, { service: 'user', action, targets: [{ type: 'user', id: userId }] }),
  ]);
}

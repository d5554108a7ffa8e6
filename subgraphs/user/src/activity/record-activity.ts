import { uuidv7 } from '@orion/platform/ids';
import { storableJson, storableText } from '@orion/platform/json';
import type { EntityManager } from 'typeorm';
import type { ActivityKind } from './activity.entity.js';

/** Something to write down. */
export interface NewActivity {
  readonly userId: string;
  readonly kind: ActivityKind;
  readonly occurredAt?: Date;
  readonly ip?: string | null;
  readonly userAgent?: string | null;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes it down in the transaction in which it happens; nothing about somebody who is deleted. */
export async function recordActivity(
  manager: EntityManager,
  { userId, kind, occurredAt = new Date(), ip = null, userAgent = null, details = {} }: NewActivity,
): Promise<void> {
  await manager.query(
    `INSERT INTO activity (id, user_id, kind, occurred_at, ip, user_agent, details)
     SELECT $1::uuid, $2::uuid, $3::text, $4::timestamptz, $5::text, $6::text, $7::jsonb
      WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = $2 AND deleted_at IS NOT NULL)`,
    [
      uuidv7(),
      userId,
      kind,
      occurredAt,
      ip,
      userAgent === null ? null : storableText(userAgent),
      JSON.stringify(storableJson(details)),
    ],
  );
}

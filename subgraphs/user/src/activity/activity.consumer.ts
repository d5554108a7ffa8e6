import { securityEventRecorded, userLogin, userLogout } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';
import { ActivityKind } from './activity.entity.js';
import { recordActivity } from './record-activity.js';

/** The sign-in itself is written down already. */
const TOLD_BY_LOGIN = 'login_on_new_device';

/** Follows what auth tells of people. */
export function activityRoutes(): EventRoute[] {
  return [
    on(userLogin, async ({ data: { userId, ip, userAgent, isNewDevice }, time }, manager) => {
      const occurredAt = new Date(time);
      await noteSeen(manager, userId, occurredAt);
      await recordActivity(manager, {
        userId,
        kind: ActivityKind.SIGNED_IN,
        occurredAt,
        ip,
        userAgent,
        details: { isNewDevice },
      });
    }),
    on(userLogout, async ({ data: { userId }, time }, manager) => {
      const occurredAt = new Date(time);
      await noteSeen(manager, userId, occurredAt);
      await recordActivity(manager, { userId, kind: ActivityKind.SIGNED_OUT, occurredAt });
    }),
    on(securityEventRecorded, async ({ data, time }, manager) => {
      if (data.userId === null || data.kind === TOLD_BY_LOGIN) return;
      const { userId, kind, severity, ip, userAgent } = data;
      await recordActivity(manager, {
        userId,
        kind: ActivityKind.SECURITY_EVENT,
        occurredAt: new Date(time),
        ip,
        userAgent,
        details: { kind, severity },
      });
    }),
  ];
}

/** Events of different kinds may overtake each other: time only goes forward. */
async function noteSeen(manager: EntityManager, userId: string, seenAt: Date): Promise<void> {
  await manager.query(
    `UPDATE users SET last_seen_at = $2
      WHERE id = $1 AND deleted_at IS NULL AND (last_seen_at IS NULL OR last_seen_at < $2)`,
    [userId, seenAt],
  );
}

import { auditOf } from '@orion/platform/audit';
import type { AuditActor } from '@orion/platform/audit';
import { openPieces, readPersonalData, sealPieces } from '@orion/platform/data-export';
import { userExportReady, userExportRequested } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { isUuid, uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource, EntityManager } from 'typeorm';
import { ActivityKind } from '../activity/activity.entity.js';
import { recordActivity } from '../activity/record-activity.js';
import type { ProfileService } from '../profile/profile.service.js';
import { userError } from '../user-error.js';
import { DataExport, DataExportStatus } from './export.entity.js';
import type { RequestDataExportPayload } from './export.types.js';
import { PERSONAL_TABLES } from './personal-tables.js';

/** The other services that keep data of people. Each answers the request with what it has. */
const OTHERS = ['auth', 'notification', 'analytics'] as const;
const OWN = 'user';
const DAYS = 7;
const MOST_IN_A_DAY = 5;

/** What one event of a service brings. */
export interface ExportPiece {
  readonly exportId: string;
  readonly service: string;
  readonly index: number;
  readonly count: number;
  readonly piece: string;
}

/** Makes copies of all that is known of a person. */
export class ExportService {
  constructor(
    private readonly database: DataSource,
    private readonly sealer: Sealer,
    private readonly profiles: ProfileService,
  ) {}

  /** Asks every service for its part. The export under way when there is one. */
  request(userId: string, actor: AuditActor): Promise<RequestDataExportPayload> {
    return this.database.transaction(async (manager) => {
      // Whoever asks for the same person waits here, so that the number is exact.
      await this.profiles.createProvisional(manager, userId);
      await manager.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
      const pending = await manager.findOneBy(DataExport, { userId, status: DataExportStatus.PENDING });
      if (pending !== null) return { dataExport: pending, userErrors: [] };
      const rows: { readonly id: string }[] = await manager.query(
        `INSERT INTO data_exports (id, user_id, status, expires_at)
         SELECT $1::uuid, $2::uuid, 'PENDING', now() + make_interval(days => $3)
          WHERE (SELECT count(*) FROM data_exports WHERE user_id = $2 AND requested_at > now() - interval '1 day') < $4
         RETURNING id`,
        [uuidv7(), userId, DAYS, MOST_IN_A_DAY],
      );
      const exportId = rows[0]?.id;
      if (exportId === undefined) return { dataExport: null, userErrors: [userError('TOO_MANY_EXPORTS')] };
      const { ip, userAgent } = actor;
      await recordActivity(manager, { userId, kind: ActivityKind.EXPORT_REQUESTED, ip, userAgent });
      await publish(manager, [
        userExportRequested.of({ userId, exportId }),
        auditOf(actor, { service: OWN, action: 'data_export.requested', targets: [{ type: 'user', id: userId }] }),
      ]);
      const own = sealPieces(this.sealer, await readPersonalData(manager, userId, PERSONAL_TABLES));
      const count = own.length;
      for (const [index, piece] of own.entries())
        await keepPiece(manager, { exportId, service: OWN, index, count, piece });
      return { dataExport: await manager.findOneBy(DataExport, { id: exportId }), userErrors: [] };
    });
  }

  /** Null when there is none of this id, or it is somebody else's, or too old. */
  async find(id: string, userId: string): Promise<DataExport | null> {
    if (!isUuid(id)) return null;
    const found = await this.database.manager.findOneBy(DataExport, { id, userId });
    return found === null || found.expiresAt <= new Date() ? null : found;
  }

  /** What every service has told, by service; null while it is not complete. That it was read is put on record. */
  async read({ id, userId, status }: DataExport, actor: AuditActor): Promise<Record<string, unknown> | null> {
    if (status !== DataExportStatus.READY) return null;
    return this.database.transaction(async (manager) => {
      const rows: { readonly service: string; readonly pieces: string[] }[] = await manager.query(
        `SELECT service, array_agg(piece_sealed ORDER BY index) AS pieces FROM data_export_parts
          WHERE export_id = $1 GROUP BY service ORDER BY service`,
        [id],
      );
      await publish(manager, [
        auditOf(actor, { service: OWN, action: 'data_export.read', targets: [{ type: 'user', id: userId }] }),
      ]);
      return Object.fromEntries(rows.map(({ service, pieces }) => [service, openPieces(this.sealer, pieces)]));
    });
  }
}

/** Keeps what a service has told, once, and says so when it was the last thing missing. */
export async function keepPiece(
  manager: EntityManager,
  { exportId, service, index, count, piece }: ExportPiece,
): Promise<void> {
  // Of two services that answer at once, the second waits here and then sees what the first one told.
  const [pending]: unknown[] = await manager.query(
    `SELECT 1 FROM data_exports WHERE id = $1 AND status = 'PENDING' FOR UPDATE`,
    [exportId],
  );
  // It has expired, or the person was deleted.
  if (pending === undefined) return;
  await manager.query(
    `INSERT INTO data_export_parts (export_id, service, index, count, piece_sealed) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [exportId, service, index, count, piece],
  );
  const [ready]: [{ readonly userId: string; readonly expiresAt: Date }[], number] = await manager.query(
    `UPDATE data_exports SET status = 'READY', ready_at = now(), expires_at = now() + make_interval(days => $3)
      WHERE id = $1 AND status = 'PENDING' AND $2::text[] <@ ARRAY(
        SELECT service FROM data_export_parts WHERE export_id = $1 GROUP BY service HAVING count(*) = max(count))
      RETURNING user_id AS "userId", expires_at AS "expiresAt"`,
    [exportId, [OWN, ...OTHERS], DAYS],
  );
  for (const { userId, expiresAt } of ready)
    await publish(manager, [userExportReady.of({ userId, exportId, expiresAt: expiresAt.toISOString() })]);
}

import { auditOf } from '@orion/platform/audit';
import type { AuditActor } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import type { BatchLoad } from '@orion/platform/loading';
import { In } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { ActivityKind } from '../activity/activity.entity.js';
import { recordActivity } from '../activity/record-activity.js';
import type { ProfileService } from '../profile/profile.service.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { isPlainData, mergePatch } from './merge-patch.js';
import { Preference } from './preference.entity.js';
import { PreferenceMode } from './preference.types.js';
import type { UpdatePreferencesInput, UpdatePreferencesPayload } from './preference.types.js';

const NAMESPACE = /^[a-z][a-z0-9._-]{0,63}$/;
const MOST_NAMESPACES = 50;
const MOST_BYTES = 16 * 1024;

/** Thrown to undo what the transaction has done so far. */
class Refusal extends Error {
  constructor(readonly fault: UserError) {
    super(fault.message);
  }
}

/** Keeps what people prefer. */
export class PreferenceService {
  constructor(
    private readonly database: DataSource,
    private readonly profiles: ProfileService,
  ) {}

  /** All preferences of many people in one statement, in order of the namespaces. */
  readonly ofUsers: BatchLoad<string, readonly Preference[]> = async (userIds) => {
    const found = await this.database.manager.find(Preference, {
      where: { userId: In([...userIds]) },
      order: { namespace: 'ASC' },
    });
    return userIds.map((id) => found.filter(({ userId }) => userId === id));
  };

  /** Changes the actor's own preferences in one namespace. */
  async update(userId: string, input: UpdatePreferencesInput, actor: AuditActor): Promise<UpdatePreferencesPayload> {
    const { namespace, data } = input;
    if (!NAMESPACE.test(namespace)) return refused('NAMESPACE_INVALID', 'namespace');
    if (!isPlainData(data)) return refused('PREFERENCES_INVALID', 'data');
    try {
      const preference = await this.database.transaction(async (manager) => {
        await this.profiles.createProvisional(manager, userId);
        const changed = await write(manager, userId, input);
        await recordActivity(manager, {
          userId,
          kind: ActivityKind.PREFERENCES_UPDATED,
          ip: actor.ip,
          userAgent: actor.userAgent,
          details: { namespace },
        });
        const targets = [{ type: 'user', id: userId }];
        await publish(manager, [
          auditOf(actor, { service: 'user', action: 'preferences.updated', targets, details: { namespace } }),
        ]);
        return changed;
      });
      return { preference, userErrors: [] };
    } catch (error) {
      if (error instanceof Refusal) return { preference: null, userErrors: [error.fault] };
      throw error;
    }
  }
}

async function write(
  manager: EntityManager,
  userId: string,
  { namespace, data, mode, version }: UpdatePreferencesInput,
): Promise<Preference> {
  // Whoever changes any preference of a person waits here: their number is exact, and a merge meets what is there.
  await manager.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  const current = await manager.findOneBy(Preference, { userId, namespace });
  if (typeof version === 'number' && version !== (current?.version ?? 0))
    throw new Refusal(userError('PREFERENCES_CHANGED', ['input', 'version']));
  if (current === null && (await manager.countBy(Preference, { userId })) >= MOST_NAMESPACES)
    throw new Refusal(userError('NAMESPACE_INVALID', ['input', 'namespace']));
  const patch = data as Readonly<Record<string, unknown>>;
  const merged = mode === PreferenceMode.MERGE ? mergePatch(current?.data ?? {}, patch) : patch;
  if (Buffer.byteLength(JSON.stringify(merged)) > MOST_BYTES)
    throw new Refusal(userError('PREFERENCES_INVALID', ['input', 'data']));
  const changed = manager.create(Preference, {
    userId,
    namespace,
    data: merged,
    version: (current?.version ?? 0) + 1,
    updatedAt: new Date(),
  });
  await manager.query(
    `INSERT INTO user_preferences (user_id, namespace, data, version, updated_at) VALUES ($1, $2, $3::jsonb, $4, $5)
     ON CONFLICT (user_id, namespace) DO UPDATE
       SET data = excluded.data, version = excluded.version, updated_at = excluded.updated_at`,
    [userId, namespace, JSON.stringify(merged), changed.version, changed.updatedAt],
  );
  return changed;
}

function refused(code: 'NAMESPACE_INVALID' | 'PREFERENCES_INVALID', field: string): UpdatePreferencesPayload {
  return { preference: null, userErrors: [userError(code, ['input', field])] };
}

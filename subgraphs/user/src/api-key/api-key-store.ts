import { auditOf } from '@orion/platform/audit';
import type { AuditActor } from '@orion/platform/audit';
import { camelCaseKeys } from '@orion/platform/database';
import { apiKeyCreated, apiKeyRevoked } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { EntityManager } from 'typeorm';
import type { ApiKeyDraft } from './api-key-draft.js';
import { createSecret } from './api-key-secret.js';
import type { ApiKey } from './api-key.entity.js';

/** Keys that work, of one user. */
const MOST_KEYS = 20;

const COLUMNS = `id, user_id, name, prefix, scopes, allowed_ips, expires_at, created_at, created_by, last_used_at,
  revoked_at`;

/** A key and its text, which exists in this answer only. */
export interface NewApiKey {
  readonly apiKey: ApiKey;
  readonly secret: string;
}

/** Why a key was revoked, as the event tells it. */
export type RevocationReason = 'requested' | 'rotated' | 'user_deleted';

/**
 * Makes a key in the caller's transaction; null when the user has as many as there may be. Those who make one for the
 * same user take turns, so that each counts what the others made.
 */
export async function insertKey(
  manager: EntityManager,
  draft: ApiKeyDraft,
  { userId, actor, createdBy }: { readonly userId: string; readonly actor: AuditActor; readonly createdBy: string },
): Promise<NewApiKey | null> {
  const { name, scopes, expiresAt, allowedIps } = draft;
  const { text, prefix, hash } = createSecret();
  await manager.query('SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  const rows: Record<string, unknown>[] = await manager.query(
    `INSERT INTO api_keys (id, user_id, name, prefix, hash, scopes, allowed_ips, expires_at, created_by)
     SELECT $1, id, $3, $4, $5, $6::text[], $7::text[], $8::timestamptz, $9 FROM users
      WHERE id = $2 AND status = 'ACTIVE'
        AND (SELECT count(*) FROM api_keys
              WHERE user_id = $2 AND revoked_at IS NULL
                AND (expires_at IS NULL OR expires_at > clock_timestamp())) < ${MOST_KEYS}
     RETURNING ${COLUMNS}`,
    [uuidv7(), userId, name, prefix, hash, scopes, allowedIps, expiresAt, createdBy],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const apiKey = camelCaseKeys<ApiKey>(row);
  await publish(manager, [
    apiKeyCreated.of({
      apiKeyId: apiKey.id,
      userId,
      name,
      permissions: [...scopes],
      expiresAt: expiresAt?.toISOString() ?? null,
    }),
    auditOf(actor, {
      service: 'user',
      action: 'api_key.created',
      targets: targetsOf(apiKey),
      details: { name, prefix, scopes, allowedIps, expiresAt: expiresAt?.toISOString() ?? null },
    }),
  ]);
  return { apiKey, secret: text };
}

/** Revokes keys in the caller's transaction, those that are revoked already left out. Returns the ones that were not. */
export async function revokeKeys(
  manager: EntityManager,
  which: { readonly id: string } | { readonly userId: string },
  { actor, reason }: { readonly actor: AuditActor; readonly reason: RevocationReason },
): Promise<readonly ApiKey[]> {
  const [column, value] = 'id' in which ? ['id', which.id] : ['user_id', which.userId];
  const [rows]: [Record<string, unknown>[], number] = await manager.query(
    `UPDATE api_keys SET revoked_at = clock_timestamp(), revoked_reason = $2
      WHERE ${column} = $1 AND revoked_at IS NULL RETURNING ${COLUMNS}`,
    [value, reason],
  );
  const keys = rows.map((row) => camelCaseKeys<ApiKey>(row));
  await publish(
    manager,
    keys.flatMap((key) => [
      apiKeyRevoked.of({ apiKeyId: key.id, userId: key.userId, reason }),
      auditOf(actor, {
        service: 'user',
        action: 'api_key.revoked',
        targets: targetsOf(key),
        details: { prefix: key.prefix, reason },
      }),
    ]),
  );
  return keys;
}

function targetsOf({ id, userId }: ApiKey): readonly { readonly type: string; readonly id: string }[] {
  return [
    { type: 'api_key', id },
    { type: 'user', id: userId },
  ];
}

import { permissionsNow } from '@orion/platform/access';
import type { AuditActor } from '@orion/platform/audit';
import { isUuid } from '@orion/platform/ids';
import { loadPages } from '@orion/platform/pagination';
import type { Connection, OwnedPageRequest } from '@orion/platform/pagination';
import type { BatchLoad } from '@orion/platform/loading';
import type { DataSource, EntityManager } from 'typeorm';
import { grantsOf, readAccessSources } from '../permission/access-sources.js';
import type { Granter } from '../permission/authority.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { faultOfDraft } from './api-key-draft.js';
import type { ApiKeyDraft } from './api-key-draft.js';
import { insertKey, revokeKeys } from './api-key-store.js';
import type { NewApiKey, RevocationReason } from './api-key-store.js';
import { ApiKey } from './api-key.entity.js';

const SYSTEM: AuditActor = { userId: null, ip: null, userAgent: null };

/** A key, or why there is none. */
export type KeyAnswer = (NewApiKey & { readonly fault: null }) | { readonly fault: UserError };

/** The keys of people: each makes, rotates and revokes their own. */
export class ApiKeyService {
  constructor(private readonly database: DataSource) {}

  /** One page for each of many users, newest first, the revoked ones included. */
  readonly pages: BatchLoad<OwnedPageRequest, Connection<ApiKey>> = (requests) =>
    loadPages(this.database.manager, ApiKey, { ownerColumn: 'user_id', requests });

  create(draft: ApiKeyDraft, owner: Granter): Promise<KeyAnswer> {
    const { userId, actor } = owner;
    return this.database.transaction(async (manager) => {
      const held = await permissionsOf(manager, owner);
      const fault = await faultOfDraft(manager, draft, (permission) => held.has(permission));
      if (fault !== null) return { fault };
      const made = await insertKey(manager, draft, { userId, actor, createdBy: userId });
      return made === null ? { fault: userError('API_KEY_LIMIT') } : { ...made, fault: null };
    });
  }

  /**
   * Replaces a key by one with the same name, scopes, addresses and end. The old one stops working at once: of two who
   * rotate it at once, one gets a new key.
   */
  rotate(id: string, owner: Granter): Promise<KeyAnswer> {
    const { userId, actor } = owner;
    return this.database.transaction(async (manager) => {
      const key = isUuid(id) ? await manager.findOneBy(ApiKey, { id, userId }) : null;
      if (key === null) return { fault: notFound() };
      const isOver = key.expiresAt !== null && key.expiresAt.getTime() <= Date.now();
      const revoked = isOver ? [] : await revokeKeys(manager, { id }, { actor, reason: 'rotated' });
      if (revoked.length === 0) return { fault: userError('API_KEY_REVOKED', ['input', 'apiKeyId']) };
      const made = await insertKey(manager, key, { userId, actor, createdBy: userId });
      if (made === null) throw new Error('there was no room for a key in the place of another one');
      return { ...made, fault: null };
    });
  }

  /** Revokes a key of the viewer, or anybody's. Once: a key that is revoked already stays as it is. */
  revoke(
    id: string,
    { actor, ownerId }: { readonly actor: AuditActor; readonly ownerId: string | null },
  ): Promise<{ readonly apiKey: ApiKey; readonly fault: null } | { readonly fault: UserError }> {
    return this.database.transaction(async (manager) => {
      const which = ownerId === null ? { id } : { id, userId: ownerId };
      const key = isUuid(id) ? await manager.findOneBy(ApiKey, which) : null;
      if (key === null) return { fault: notFound() };
      const [revoked = key] = await revokeKeys(manager, { id }, { actor, reason: 'requested' });
      return { apiKey: revoked, fault: null };
    });
  }

  /** Revokes all keys of a user who goes, in the transaction in which they do. */
  async revokeAll(
    manager: EntityManager,
    userId: string,
    reason: RevocationReason,
    actor: AuditActor = SYSTEM,
  ): Promise<void> {
    await revokeKeys(manager, { userId }, { actor, reason });
  }
}

function notFound(): UserError {
  return userError('API_KEY_NOT_FOUND', ['input', 'apiKeyId']);
}

async function permissionsOf(manager: EntityManager, { userId, circumstances }: Granter): Promise<ReadonlySet<string>> {
  const [sources] = await readAccessSources(manager, [userId]);
  return new Set(sources === undefined ? [] : permissionsNow(grantsOf(sources, 0), circumstances));
}

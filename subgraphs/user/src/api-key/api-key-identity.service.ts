import { isInRanges, permissionsNow } from '@orion/platform/access';
import { camelCaseKeys } from '@orion/platform/database';
import type { Loaders } from '@orion/platform/loading';
import type { EntityManager } from 'typeorm';
import { isImplicit } from '../permission/permission-key.js';
import type { PermissionService } from '../permission/permission.service.js';
import { isKeyOf, prefixOf } from './api-key-secret.js';
import type { ApiKey } from './api-key.entity.js';
import type { ApiKeyIdentity } from './api-key.types.js';

/** How exactly it is kept when a key was last used: each key is written at most once in so long. */
const USE_MINUTES = 1;

/** What a key is shown with. */
export interface ApiKeyUse {
  readonly key: string;
  readonly ip: string | null;
}

/** Says who is behind a key. */
export class ApiKeyIdentityService {
  constructor(
    private readonly manager: EntityManager,
    private readonly permissions: PermissionService,
  ) {}

  /** Null for every key that does not work now, whatever the reason: nobody learns which it is. */
  async identify({ key: text, ip }: ApiKeyUse, loaders: Loaders): Promise<ApiKeyIdentity | null> {
    const key = await this.#find(text);
    if (key === null || !isAllowedFrom(key.allowedIps, ip)) return null;
    const { grants } = await loaders.load(this.permissions.accessOfUsers, key.userId);
    // A program has not signed in: it proved nothing but that it has the key.
    const now = permissionsNow(grants, { now: new Date(), ip, userAgent: null, methods: [], authenticatedAt: 0 });
    const held = key.scopes.filter((scope) => isImplicit(scope) || now.includes(scope));
    await this.#noteUse(key);
    const ends = held.flatMap((scope) => grants.expiries[scope] ?? []).map((seconds) => seconds * 1_000);
    const end = Math.min(...ends, key.expiresAt?.getTime() ?? Infinity);
    return {
      keyId: key.id,
      userId: key.userId,
      permissions: held,
      expiresAt: end === Infinity ? null : new Date(end),
    };
  }

  async #find(text: string): Promise<ApiKey | null> {
    const prefix = prefixOf(text);
    if (prefix === null) return null;
    const rows: Record<string, unknown>[] = await this.manager.query(
      `SELECT api_keys.* FROM api_keys JOIN users ON users.id = user_id
        WHERE prefix = $1 AND revoked_at IS NULL AND users.status = 'ACTIVE' AND users.deleted_at IS NULL
          AND (expires_at IS NULL OR expires_at > clock_timestamp())`,
      [prefix],
    );
    const [row] = rows;
    const key = row === undefined ? null : camelCaseKeys<ApiKey>(row);
    return key !== null && isKeyOf(text, key.hash) ? key : null;
  }

  async #noteUse({ id, lastUsedAt }: ApiKey): Promise<void> {
    if (lastUsedAt !== null && Date.now() - lastUsedAt.getTime() < USE_MINUTES * 60_000) return;
    await this.manager.query(
      `UPDATE api_keys SET last_used_at = clock_timestamp()
        WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= clock_timestamp() - interval '${USE_MINUTES} minute')`,
      [id],
    );
  }
}

/** From an address that is not known, a key may be used only when it may be used from anywhere. */
function isAllowedFrom(ranges: readonly string[], ip: string | null): boolean {
  if (ranges.length === 0) return true;
  try {
    return ip !== null && isInRanges(ip, ranges);
  } catch {
    // What is no address is in no range.
    return false;
  }
}

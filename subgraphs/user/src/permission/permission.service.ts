import { camelCaseKeys } from '@orion/platform/database';
import type { AccessGrants } from '@orion/platform/access';
import type { BatchLoad } from '@orion/platform/loading';
import { loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { firstEnd, grantsOf, readAccessSources } from './access-sources.js';
import type { AccessSources } from './access-sources.js';
import { Permission } from './permission.entity.js';

/** All that decides what a user may do. */
export interface UserAccess {
  readonly sources: AccessSources;
  readonly grants: AccessGrants;
}

interface CachedAccess extends UserAccess {
  /** Milliseconds since the epoch; after that something has ended. */
  readonly goodUntil: number;
}

/** Users whose access is remembered; the one asked for longest ago goes. */
const REMEMBERED = 5_000;

const NO_SOURCES: AccessSources = { grants: [], denials: [], rules: [] };
const NO_ACCESS: UserAccess = { sources: NO_SOURCES, grants: grantsOf(NO_SOURCES, 0) };

/** What users may do. Nothing that is not granted is allowed. */
export class PermissionService {
  readonly #remembered = new Map<string, CachedAccess>();

  constructor(private readonly manager: EntityManager) {}

  /**
   * The access of many users. One small statement when nothing has changed since it was read: every change gives the
   * user a new version, in the transaction that makes it.
   */
  readonly accessOfUsers: BatchLoad<string, UserAccess> = async (userIds) => {
    const versions = await this.#versionsOf(userIds);
    const found = new Map<string, UserAccess>();
    for (const id of userIds) {
      const cached = this.#recall(id, versions.get(id));
      if (cached !== undefined) found.set(id, cached);
    }
    const missing = userIds.filter((id) => !found.has(id));
    const read = missing.length === 0 ? [] : await readAccessSources(this.manager, missing);
    for (const [index, sources] of read.entries()) {
      const id = missing[index] ?? '';
      found.set(id, this.#remember(id, sources, versions.get(id)));
    }
    return userIds.map((id) => found.get(id) ?? NO_ACCESS);
  };

  /** What many roles allow, without what they inherit. */
  readonly ofRoles: BatchLoad<string, readonly Permission[]> = (roleIds) => this.#ofRoles(roleIds, 'depth = 0');

  /** What many roles allow, with what they inherit. */
  readonly ofRolesAndAncestors: BatchLoad<string, readonly Permission[]> = (roleIds) => this.#ofRoles(roleIds, 'true');

  /** True when there is such a permission. */
  readonly areKnown: BatchLoad<string, boolean> = async (keys) => {
    const rows: { readonly key: string }[] = await this.manager.query(
      'SELECT key FROM permissions WHERE key = ANY($1::text[])',
      [keys],
    );
    const known = new Set(rows.map(({ key }) => key));
    return keys.map((key) => known.has(key));
  };

  page(request: PageRequest): Promise<Connection<Permission>> {
    return loadOrderedPage(this.manager, Permission, {
      request,
      column: 'key',
      direction: 'ASC',
      where: ['true'],
      parameters: [],
    });
  }

  async #ofRoles(roleIds: readonly string[], which: string): Promise<readonly (readonly Permission[])[]> {
    const rows: Record<string, unknown>[] = await this.manager.query(
      `SELECT DISTINCT descendant_id AS owner, permissions.*
         FROM role_closure
         JOIN role_permissions ON role_id = ancestor_id
         JOIN permissions ON permissions.key = permission
        WHERE descendant_id = ANY($1::uuid[]) AND ${which}
        ORDER BY permissions.key`,
      [roleIds],
    );
    const byRole = new Map<string, Permission[]>(roleIds.map((id) => [id, []]));
    for (const { owner, ...row } of rows) byRole.get(String(owner))?.push(camelCaseKeys<Permission>(row));
    return roleIds.map((id) => byRole.get(id) ?? []);
  }

  /** Undefined while an announcement is owed: then the version does not say yet that something changed. */
  async #versionsOf(userIds: readonly string[]): Promise<ReadonlyMap<string, number | undefined>> {
    const rows: { readonly id: string; readonly version: number; readonly isAnnounced: boolean }[] =
      await this.manager.query(
        `SELECT user_id AS id, version, is_announced AS "isAnnounced" FROM permission_versions
          WHERE user_id = ANY($1::uuid[])`,
        [userIds],
      );
    const versions = new Map<string, number | undefined>(userIds.map((id) => [id, 0]));
    for (const { id, version, isAnnounced } of rows) versions.set(id, isAnnounced ? version : undefined);
    return versions;
  }

  #recall(userId: string, version: number | undefined): UserAccess | undefined {
    const cached = this.#remembered.get(userId);
    const isGood = cached !== undefined && cached.grants.version === version && Date.now() < cached.goodUntil;
    return isGood ? cached : undefined;
  }

  #remember(userId: string, sources: AccessSources, version: number | undefined): UserAccess {
    const access = { sources, grants: grantsOf(sources, version ?? 0), goodUntil: firstEnd(sources) ?? Infinity };
    this.#remembered.delete(userId);
    if (version === undefined) return access;
    if (this.#remembered.size >= REMEMBERED) {
      const [oldest] = this.#remembered.keys();
      if (oldest !== undefined) this.#remembered.delete(oldest);
    }
    this.#remembered.set(userId, access);
    return access;
  }
}

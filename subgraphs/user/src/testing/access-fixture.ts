import { openDatabase } from '@orion/platform/database';
import { uuidv7 } from '@orion/platform/ids';
import { createTestDatabase } from '@orion/platform/testing';
import type { DataSource } from 'typeorm';
import { ADMIN } from '../permission/authority.js';
import type { Granter } from '../permission/authority.js';
import { RoleGrantService } from '../role/role-grant.service.js';
import { subgraph } from '../subgraph.js';

/** The database of the subgraph without the subgraph: for what its services do when many call them at once. */
export interface AccessFixture {
  readonly database: DataSource;
  readonly grants: RoleGrantService;
  /** A user without roles; the role is given when one is named. */
  addUser(role?: string): Promise<string>;
  /** Somebody with a session who signed in just now. */
  granter(userId: string): Granter;
  /** A role that inherits from nothing and allows nothing yet. */
  addRole(role: {
    readonly name: string;
    readonly level: number;
    readonly permissions?: readonly string[];
  }): Promise<string>;
  close(): Promise<void>;
}

/** Opens one over a new database; `poolSize` is how many can work at once. */
export async function openAccessFixture({ poolSize = 20 } = {}): Promise<AccessFixture> {
  const test = await createTestDatabase();
  const { entities, migrations } = subgraph;
  const database = await openDatabase({
    url: test.url,
    entities: [...entities],
    migrations,
    applicationName: 'test',
    poolSize,
  });
  const grants = new RoleGrantService(database);
  return {
    database,
    grants,
    async addUser(role) {
      const userId = uuidv7();
      await database.query(
        `INSERT INTO users (id, display_name, sort_name, search_words, provisional) VALUES ($1, 'X', 'x', '{}', false)`,
        [userId],
      );
      if (role !== undefined)
        await database.transaction((manager) => grants.give(manager, { userId, role, expiresAt: null }, null));
      return userId;
    },
    granter: (userId) => ({
      userId,
      actor: { userId, ip: '127.0.0.1', userAgent: 'test' },
      circumstances: {
        now: new Date(),
        ip: '127.0.0.1',
        userAgent: 'test',
        methods: ['pwd'],
        authenticatedAt: Math.floor(Date.now() / 1_000),
      },
      scopes: null,
    }),
    async addRole({ name, level, permissions = [] }) {
      const id = uuidv7();
      await database.query(`INSERT INTO roles (id, name, level, description) VALUES ($1, $2, $3, 'For a test.')`, [
        id,
        name,
        level,
      ]);
      await database.query('INSERT INTO role_closure (ancestor_id, descendant_id, depth) VALUES ($1, $1, 0)', [id]);
      await database.query('INSERT INTO role_permissions SELECT $1, key FROM unnest($2::text[]) AS key', [
        id,
        permissions,
      ]);
      return id;
    },
    async close() {
      await database.destroy();
      await test.drop();
    },
  };
}

/** The name of the role that is above all others. */
export const ADMINISTRATOR = ADMIN;

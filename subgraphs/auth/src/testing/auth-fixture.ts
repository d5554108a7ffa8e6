import { createSealer } from '@orion/platform/sealing';
import { eventually, startTestSubgraph } from '@orion/platform/testing';
import type { TestSubgraph } from '@orion/platform/testing';
import pg from 'pg';
import { subgraph } from '../subgraph.js';
import { MAILED } from './mailed.js';
import type { MailedKind } from './mailed.js';

/** The auth subgraph with what its tests need to see beside its API. */
export interface AuthFixture extends TestSubgraph {
  sql<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
  register(email: string, overrides?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The token of the latest verification link, as the notification subgraph would read it from the event. */
  verificationToken(email: string): Promise<string>;
  /** Types of the events about an address, and its tokens, in order; once there are `least` of them. */
  announcements(
    email: string,
    options?: { readonly least?: number },
  ): Promise<{ readonly types: readonly string[]; readonly tokens: readonly string[] }>;
  /** Tokens of a kind that were mailed to an account, in order; once there are `least` of them. */
  mailed(email: string, kind: MailedKind, options?: { readonly least?: number }): Promise<string[]>;
  /** Registers and verifies. */
  member(email: string): Promise<void>;
  // The shape is the query's business; a test reads what it asked for.
  // oxlint-disable-next-line typescript/no-explicit-any
  login(email: string, overrides?: Readonly<Record<string, unknown>>): Promise<any>;
}

export const PASSWORD = 'correct horse battery';

export async function startAuth(environment: Readonly<Record<string, string>> = {}): Promise<AuthFixture> {
  const running = await startTestSubgraph(subgraph, environment);
  const own = new pg.Pool({ connectionString: running.databaseUrl, max: 2 });
  const bus = new pg.Pool({ connectionString: running.busUrl, max: 1 });
  // The databases are dropped below the pools at the end.
  for (const pool of [own, bus]) pool.on('error', () => undefined);
  const sealer = createSealer(running.environment['ORION_SEALING_KEY'] ?? '');
  const register: AuthFixture['register'] = async (email, overrides = {}) => {
    const { data, errors } = await running.query(REGISTER, {
      variables: { input: { email, password: PASSWORD, displayName: 'Alice', ...overrides } },
    });
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    return data.register;
  };
  const announcements: AuthFixture['announcements'] = (email, { least = 1 } = {}) =>
    eventually(async () => {
      const { rows } = await bus.query<{ type: string; sealed: string | null }>(
        `SELECT envelope->>'type' AS type, envelope->'data'->>'verificationToken' AS sealed FROM log
          WHERE lower(envelope->'data'->>'email') = lower($1) ORDER BY envelope->>'id'`,
        [email],
      );
      const tokens = rows.flatMap(({ sealed }) => (sealed === null ? [] : [sealer.open(sealed, 'mail:verify-email')]));
      return rows.length >= least && { types: rows.map(({ type }) => type), tokens };
    });
  const verificationToken: AuthFixture['verificationToken'] = async (email) =>
    (await announcements(email)).tokens.at(-1) ?? '';
  return {
    ...running,
    sql: async (statement, values) => (await own.query(statement, values)).rows,
    register,
    verificationToken,
    announcements,
    mailed: (email, kind, { least = 1 } = {}) =>
      eventually(async () => {
        const [type, field, seal] = MAILED[kind];
        const { rows } = await bus.query<{ sealed: string }>(
          `SELECT envelope->'data'->>$3 AS sealed FROM log
            WHERE lower(envelope->'data'->>'email') = lower($1) AND envelope->>'type' = $2 ORDER BY envelope->>'id'`,
          [email, `dev.orion.${type}.v1`, field],
        );
        return rows.length >= least && rows.map(({ sealed }) => sealer.open(sealed, seal));
      }),
    async member(email) {
      await register(email);
      await running.query(VERIFY, { variables: { input: { token: await verificationToken(email) } } });
    },
    async login(email, overrides = {}) {
      const { data, errors } = await running.query(LOGIN, {
        variables: { input: { email, password: PASSWORD, ...overrides } },
      });
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return data.login;
    },
    async stop() {
      await Promise.all([own.end(), bus.end()]);
      await running.stop();
    },
  };
}

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accepted userErrors { code path } } }';
const VERIFY = 'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { verified userErrors { code } } }';
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { userErrors { code message path }
  tokens { accessToken refreshToken deviceToken expiresAt session { id } user { id } }
  challenge { token methods expiresAt attemptsLeft } } }`;

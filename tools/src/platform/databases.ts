import pg from 'pg';
import { Problem, errorCode, errorText } from '../problem/index.js';

export interface DatabasesOptions {
  /** Names of the services that get a database, and their roles' passwords. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Role and database of service `auth` are called `<prefix>_auth`. */
  readonly prefix: string;
  /** The whole server is ours: nobody but a superuser may connect to its maintenance databases either. */
  readonly exclusive: boolean;
}

/**
 * One database and one login role for each service; a role may connect to its own database only. What exists is kept,
 * passwords are set anew. Resolves with the URL of each service. Throws a Problem when the server cannot be used.
 */
export async function ensureDatabases(
  adminUrl: string,
  options: DatabasesOptions,
): Promise<Readonly<Record<string, string>>> {
  const { passwords, prefix } = options;
  const pool = new pg.Pool({
    connectionString: adminUrl,
    max: 4,
    allowExitOnIdle: true,
    application_name: 'orion-start',
  });
  pool.on('error', (error) => process.emitWarning(`idle connection lost: ${errorText(error)}`));
  const services = Object.keys(passwords);
  try {
    const names = services.map((service) => roleName(prefix, { service }));
    const { rows } = await pool.query<{ roles: string[] | null; databases: string[] | null; superuser: boolean }>(
      `SELECT (SELECT array_agg(rolname::text) FROM pg_roles WHERE rolname = ANY($1)) AS roles,
              (SELECT array_agg(datname::text) FROM pg_database WHERE datname = ANY($1)) AS databases,
              (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser`,
      [names],
    );
    const [existing] = rows;
    const statements = services.map((service) => {
      const role = roleName(prefix, { service });
      const verb = existing?.roles?.includes(role) === true ? 'ALTER' : 'CREATE';
      return `${verb} ROLE ${quoted(role)} LOGIN PASSWORD ${literal(passwords[service] ?? '')};`;
    });
    if (options.exclusive) statements.push('REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;');
    await pool.query(statements.join('\n'));
    const missing = names.filter((name) => existing?.databases?.includes(name) !== true);
    await Promise.all(missing.map((name) => createDatabase(pool, { name, superuser: existing?.superuser === true })));
  } catch (error) {
    throw serverProblem(error, { adminUrl });
  } finally {
    await pool.end();
  }
  return Object.fromEntries(
    services.map((service) => [
      service,
      serviceUrl(adminUrl, { role: roleName(prefix, { service }), password: passwords[service] ?? '' }),
    ]),
  );
}

/** Removes the databases and roles of a prefix, connections to them included. */
export async function dropDatabases(
  adminUrl: string,
  { services, prefix }: { readonly services: readonly string[]; readonly prefix: string },
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  // A connection that breaks fails the statement in hand; without a listener it would end the process as well.
  client.on('error', (error) => process.emitWarning(`connection lost: ${errorText(error)}`));
  await client.connect();
  try {
    for (const service of services) {
      const name = quoted(roleName(prefix, { service }));
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await client.query(`DROP ROLE IF EXISTS ${name}`);
    }
  } finally {
    await client.end();
  }
}

async function createDatabase(
  pool: pg.Pool,
  { name, superuser }: { readonly name: string; readonly superuser: boolean },
): Promise<void> {
  // Without being a superuser one may only give a database to a role one is a member of.
  if (!superuser) await pool.query(`GRANT ${quoted(name)} TO CURRENT_USER`);
  await pool.query(`CREATE DATABASE ${quoted(name)} OWNER ${quoted(name)} TEMPLATE template0 ENCODING 'UTF8'`);
  await pool.query(`REVOKE ALL ON DATABASE ${quoted(name)} FROM PUBLIC`);
}

function roleName(prefix: string, { service }: { readonly service: string }): string {
  return `${prefix}_${service.replaceAll('-', '_')}`;
}

function serviceUrl(
  adminUrl: string,
  { role, password }: { readonly role: string; readonly password: string },
): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = password;
  url.pathname = `/${role}`;
  return url.href;
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function serverProblem(error: unknown, { adminUrl }: { readonly adminUrl: string }): unknown {
  const { hostname, port } = new URL(adminUrl);
  const at = `${hostname}:${port === '' ? '5432' : port}`;
  const code = errorCode(error) ?? '';
  if (['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'].includes(code)) {
    return new Problem(`No Postgres answers at ${at} (${code}).`, {
      advice: ['Check DATABASE_URL, or unset it: an embedded Postgres is then used.'],
      cause: error,
    });
  }
  // https://www.postgresql.org/docs/18/errcodes-appendix.html: 28 invalid authorization, 42501 insufficient privilege, 3D000 no such database.
  if (code.startsWith('28') || code === '42501' || code === '3D000') {
    return new Problem(`Postgres at ${at} refuses: ${errorText(error)}.`, {
      advice: ['DATABASE_URL must be that of a role that may create roles and databases.'],
      cause: error,
    });
  }
  return error;
}

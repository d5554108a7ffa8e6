import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { dropDatabases, ensureDatabases } from './databases.js';

const ADMIN = process.env['ORION_TEST_POSTGRES_URL'] ?? '';
const prefix = `d${randomBytes(4).toString('hex')}`;

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // The server may be killed with the connection still open.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

afterAll(async () => {
  await dropDatabases(ADMIN, { services: ['one', 'two'], prefix });
  await query(ADMIN, `DROP ROLE IF EXISTS ${prefix}_maker`);
});

test('done again it keeps the data, adds what is new and sets changed passwords', async () => {
  const first = await ensureDatabases(ADMIN, { passwords: { one: 'first-password-1' }, prefix, exclusive: false });
  await query(first['one'] ?? '', 'CREATE TABLE kept AS SELECT 1 AS one');
  const second = await ensureDatabases(ADMIN, {
    passwords: { one: "other'password", two: 'p2' },
    prefix,
    exclusive: false,
  });
  expect(await query(second['one'] ?? '', 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  expect(await query(second['two'] ?? '', 'SELECT current_user AS name')).toEqual([{ name: `${prefix}_two` }]);
  await expect(query(first['one'] ?? '', 'SELECT 1')).rejects.toThrow(/password/);
  await dropDatabases(ADMIN, { services: ['one', 'two'], prefix });
});

test('an administrator that may create roles and databases, and is no superuser, is enough', async () => {
  const maker = new URL(ADMIN);
  maker.username = `${prefix}_maker`;
  maker.password = 'maker-password';
  await query(ADMIN, `CREATE ROLE ${maker.username} LOGIN CREATEDB CREATEROLE PASSWORD 'maker-password'`);
  const urls = await ensureDatabases(maker.href, { passwords: { one: 'p1' }, prefix, exclusive: false });
  expect(await query(urls['one'] ?? '', 'SELECT current_database() AS name')).toEqual([{ name: `${prefix}_one` }]);
  await ensureDatabases(maker.href, { passwords: { one: 'p1' }, prefix, exclusive: false });
});

test('a server that is not there, or refuses, is told with what to do', async () => {
  const nowhere = 'postgresql://postgres:x@127.0.0.1:1/postgres';
  await expect(ensureDatabases(nowhere, { passwords: { one: 'p' }, prefix, exclusive: false })).rejects.toMatchObject({
    name: 'Problem',
    message: 'No Postgres answers at 127.0.0.1:1 (ECONNREFUSED).',
  });
  const wrong = new URL(ADMIN);
  wrong.password = 'wrong';
  await expect(
    ensureDatabases(wrong.href, { passwords: { one: 'p' }, prefix, exclusive: false }),
  ).rejects.toMatchObject({
    name: 'Problem',
    message: expect.stringContaining('password authentication failed') as string,
  });
});

import pg from 'pg';

/** The least and the most of something over all accounts. */
interface Range {
  readonly least: number;
  readonly most: number;
}

/** What the registrations of a run left behind, in every database. */
export interface Ledger {
  /** Nothing is on its way any more: no outbox row, no parked event, and every account has an effect everywhere. */
  readonly isSettled: boolean;
  readonly emails: readonly string[];
  readonly effectsPerAccount: Readonly<Record<'profiles' | 'welcomes' | 'mails' | 'analytics' | 'counters', Range>>;
}

/** Reads the tables themselves: the answer does not depend on any code under test. */
export async function readLedger(
  databaseUrls: Readonly<Record<string, string>>,
  { emailPattern }: { readonly emailPattern: string },
): Promise<Ledger> {
  const read = <Row extends pg.QueryResultRow>(service: string, sql: string, values: unknown[]) =>
    query<Row>(databaseUrls[service] ?? '', { sql, values });
  const accounts = await read<{ id: string; email: string }>(
    'auth',
    'SELECT user_id AS id, email FROM credentials WHERE email LIKE $1',
    [emailPattern],
  );
  const ids = accounts.map(({ id }) => id);
  const emails = accounts.map(({ email }) => email);
  const count = (service: string, sql: string, values: readonly string[]) =>
    read<Counted>(service, sql, [values]).then((rows) => rangeOf(rows, values));
  const [profiles, welcomes, mails, analytics, counters, moving] = await Promise.all([
    count('user', 'SELECT id::text AS key, count(*)::int AS n FROM users WHERE id = ANY($1::uuid[]) GROUP BY id', ids),
    count(
      'notification',
      `SELECT recipient_id::text AS key, count(*)::int AS n FROM notifications
        WHERE recipient_id = ANY($1::uuid[]) AND type = 'WELCOME' AND channel = 'IN_APP' GROUP BY recipient_id`,
      ids,
    ),
    count(
      'notification',
      'SELECT recipient AS key, count(*)::int AS n FROM mails WHERE recipient = ANY($1) GROUP BY recipient',
      emails,
    ),
    count(
      'analytics',
      `SELECT user_id::text AS key, count(*)::int AS n FROM events WHERE user_id = ANY($1::uuid[]) AND name = 'user.registered' GROUP BY user_id`,
      ids,
    ),
    count(
      'notification',
      'SELECT user_id::text AS key, total::int AS n FROM inboxes WHERE user_id = ANY($1::uuid[])',
      ids,
    ),
    Promise.all(
      ['auth', 'user', 'notification'].map((service) =>
        read<{ n: number }>(
          service,
          `SELECT ((SELECT count(*) FROM outbox) + (SELECT count(*) FROM parked_events WHERE state <> 'done'))::int AS n`,
          [],
        ),
      ),
    ),
  ]);
  const effectsPerAccount = { profiles, welcomes, mails, analytics, counters };
  const isMoving = moving.flat().some(({ n }) => n > 0);
  return {
    emails,
    effectsPerAccount,
    isSettled: !isMoving && Object.values(effectsPerAccount).every(({ least }) => least > 0),
  };
}

interface Counted {
  readonly key: string;
  readonly n: number;
}

function rangeOf(rows: readonly Counted[], keys: readonly string[]): Range {
  const byKey = new Map(rows.map(({ key, n }) => [key, n]));
  const counts = keys.map((key) => byKey.get(key) ?? 0);
  return { least: Math.min(...counts), most: Math.max(...counts) };
}

async function query<Row extends pg.QueryResultRow>(
  url: string,
  { sql, values }: { readonly sql: string; readonly values: unknown[] },
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

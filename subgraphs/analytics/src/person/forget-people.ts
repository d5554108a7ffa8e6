import type { EntityManager } from 'typeorm';

/** Nothing is told of a person so long after they were deleted. */
const DAYS = 30;

/** What takes SQL: a manager, within its transaction, or a database. */
type Queryable = Pick<EntityManager, 'query'>;

/** Keeps that something happened and when, and forgets with whom: sums of the past stay as they were. */
export async function forgetPeople(manager: Queryable, userIds: readonly string[]): Promise<number> {
  const [, forgotten]: [unknown, number] = await manager.query(
    `UPDATE events SET user_id = NULL, session_id = NULL, anonymous_id = NULL, properties = '{}'
     WHERE user_id = ANY($1::uuid[])`,
    [userIds],
  );
  return forgotten;
}

/** Notes who was deleted: what is told of them from now on, or is being stored this moment, belongs to nobody. */
export async function noteDeleted(manager: Queryable, userIds: readonly string[]): Promise<void> {
  await manager.query(
    'INSERT INTO forgotten_people (user_id) SELECT DISTINCT unnest($1::uuid[]) ORDER BY 1 ON CONFLICT DO NOTHING',
    [userIds],
  );
}

/** Those of them who were deleted. */
export async function deletedAmong(manager: Queryable, userIds: readonly string[]): Promise<readonly string[]> {
  const rows: { readonly id: string }[] = await manager.query(
    'SELECT user_id AS id FROM forgotten_people WHERE user_id = ANY($1::uuid[])',
    [userIds],
  );
  return rows.map(({ id }) => id);
}

/** Forgets what two processes have stored at the moment of a deletion without knowing of each other. */
export async function forgetStragglers(database: Queryable): Promise<void> {
  const rows: { readonly id: string }[] = await database.query('SELECT user_id AS id FROM forgotten_people');
  if (rows.length > 0)
    await forgetPeople(
      database,
      rows.map(({ id }) => id),
    );
  await database.query('DELETE FROM forgotten_people WHERE forgotten_at < now() - make_interval(days => $1)', [DAYS]);
}

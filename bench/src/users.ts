import { signIn } from '@orion/tests/graph';
import type { GraphClient } from '@orion/tests/graph';
import pg from 'pg';
import { latencies, timed } from './measure.js';
import type { Figure } from './measure.js';

const RUNS = 200;
const WARM_UP = 20;
const PAGE = 20;
const DEEP_PAGE = 500;
/** The most that a page may hold: the way to the deep page is shorter with it. */
const LARGEST_PAGE = 100;

const USERS = `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String) {
  users(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { id displayName username createdAt } pageInfo { endCursor hasNextPage } } }`;
const SEARCH = `query ($query: String!, $first: Int) { searchUsers(query: $query, first: $first) { nodes { id displayName } } }`;

const BY_NAME = { field: 'DISPLAY_NAME', direction: 'ASC' };

/** The list of users and the search of them, through the gateway, among so many people. */
export async function measureUsers(url: string, databaseUrl: string, people: number): Promise<readonly Figure[]> {
  await fill(databaseUrl, people);
  const { client } = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
  const deep = await cursorAt(client, Math.min(DEEP_PAGE * PAGE, people - LARGEST_PAGE));
  const measure = async (name: string, document: string, variables: object, least: number): Promise<Figure> => {
    const samples: number[] = [];
    for (let run = -WARM_UP; run < RUNS; run += 1) {
      const { result, ms } = await timed(() => client.query(document, { first: PAGE, ...variables }));
      const list = result.data?.users ?? result.data?.searchUsers;
      if (result.errors.length > 0 || list.nodes.length < least)
        throw new Error(`${name}: ${JSON.stringify(result.errors)}, ${list?.nodes.length ?? 0} found`);
      if (run >= 0) samples.push(ms);
    }
    return { name: `users, of ${people}: ${name}`, value: latencies(samples) };
  };
  return [
    await measure('first page, newest first', USERS, {}, PAGE),
    await measure('first page, by name', USERS, { orderBy: BY_NAME }, PAGE),
    await measure(`page ${DEEP_PAGE}, by name`, USERS, { orderBy: BY_NAME, after: deep }, 1),
    await measure('search of a prefix that a tenth of them have', SEARCH, { query: 'common' }, PAGE),
    await measure('search of a prefix that a few have', SEARCH, { query: 'rare' }, 1),
    await measure('search of a prefix that nobody has', SEARCH, { query: 'zzzzzz' }, 0),
    await measure(
      'suspended, of the last days, by name',
      USERS,
      {
        filter: { status: 'SUSPENDED', kind: 'PERSON', createdAfter: new Date(Date.now() - 86_400_000).toISOString() },
        orderBy: BY_NAME,
      },
      1,
    ),
    await measure('last seen first', USERS, { orderBy: { field: 'LAST_SEEN', direction: 'DESC' } }, PAGE),
  ];
}

async function fill(databaseUrl: string, people: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO users (id, display_name, email, sort_name, search_words, provisional, created_at, last_seen_at, status)
       SELECT gen_random_uuid(), initcap(name), n || '@bench.test', name, string_to_array(name, ' '), false,
              now() - make_interval(secs => n), CASE WHEN n % 3 = 0 THEN now() - make_interval(secs => n) END,
              CASE WHEN n % 500 = 0 THEN 'SUSPENDED' ELSE 'ACTIVE' END
         FROM generate_series(1, $1) n,
              LATERAL (SELECT substr(md5(n::text), 1, 6) || ' ' ||
                CASE WHEN n % 10 = 0 THEN 'common' WHEN n % 20000 = 1 THEN 'rarely' ELSE substr(md5((n * 7)::text), 1, 8) END
              ) AS chosen (name)`,
      [people],
    );
    await client.query('ANALYZE users');
  } finally {
    await client.end();
  }
}

async function cursorAt(client: GraphClient, depth: number): Promise<string> {
  let after: string | null = null;
  for (let at = 0; at < depth; at += LARGEST_PAGE) {
    const { data, errors } = await client.query(USERS, { orderBy: BY_NAME, first: LARGEST_PAGE, after });
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    after = data.users.pageInfo.endCursor as string;
  }
  return after ?? '';
}

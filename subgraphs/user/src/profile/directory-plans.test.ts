import { openDatabase } from '@orion/platform/database';
import { createCursorSigner, OrderDirection, pageRequest } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import type { DataSource, EntityManager } from 'typeorm';
import { startPeople } from '../testing/person-fixture.js';
import type { PersonFixture } from '../testing/person-fixture.js';
import { DirectoryService } from './directory.service.js';
import { UserOrderField } from './directory.types.js';
import type { UserFilter, UserOrder } from './directory.types.js';
import { UserKind } from './user-kind.js';
import { UserStatus } from './user-status.js';
import { User } from './user.entity.js';

const PEOPLE = 20_000;
const PAGE = 20;

let people: PersonFixture;
let database: DataSource;
beforeAll(async () => {
  people = await startPeople();
  await people.bus.sql(
    `INSERT INTO users (id, display_name, email, sort_name, search_words, provisional, created_at, last_seen_at, status)
     SELECT gen_random_uuid(), 'Common ' || to_hex(n), n || '@orion.test', 'common ' || to_hex(n),
            ARRAY['common', md5(n::text)], false, now() - make_interval(secs => n),
            CASE WHEN n % 2 = 0 THEN now() - make_interval(secs => n) END,
            CASE WHEN n % 1000 = 0 THEN 'SUSPENDED' ELSE 'ACTIVE' END
       FROM generate_series(1, $1) n`,
    [PEOPLE],
  );
  await people.bus.sql('ANALYZE users');
  const url = people.running.databaseUrl;
  database = await openDatabase({ url, entities: [User], migrations: [], applicationName: 'test' });
});
afterAll(async () => {
  await database?.destroy();
  await people?.stop();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

interface Look {
  readonly order?: UserOrder;
  readonly filter?: UserFilter;
  readonly byEmail?: boolean;
  readonly after?: string | null;
}

const context = { cursors: createCursorSigner('secret'), viewer: null };

/** The page, the statements that it took, and the plans of those. */
async function look({ order, filter, byEmail = false, after = null }: Look) {
  const statements: { readonly text: string; readonly parameters: readonly unknown[] }[] = [];
  const manager: EntityManager = Object.create(database.manager, {
    query: {
      value: (text: string, parameters: readonly unknown[]) => {
        statements.push({ text, parameters });
        return database.query(text, [...parameters]);
      },
    },
  }) as EntityManager;
  const page: Connection<User> = await new DirectoryService(manager).list({
    request: pageRequest({ first: PAGE, after }, { list: 'users' }, context),
    filter: filter ?? null,
    byEmail,
    order: order ?? null,
  });
  const plans: Plan[] = [];
  for (const { text, parameters } of statements) {
    const rows: { readonly 'QUERY PLAN': readonly { readonly Plan: Plan }[] }[] = await database.query(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      [...parameters],
    );
    plans.push(...nodesOf(rows[0]?.['QUERY PLAN'][0]?.Plan));
  }
  return { page, statements: statements.length, plans };
}

function nodesOf(plan: Plan | undefined): readonly Plan[] {
  return plan === undefined ? [] : [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** Rows of the table that were looked at, those that were thrown away included. */
function rowsRead(plans: readonly Plan[]): number {
  const scans = plans.filter((plan) => plan['Relation Name'] === 'users');
  return scans.reduce(
    (sum, scan) => sum + (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'],
    0,
  );
}

function expectIndexes(plans: readonly Plan[]): void {
  const scanned = plans.filter((plan) => plan['Relation Name'] === 'users').map((plan) => plan['Node Type']);
  expect(scanned.length).toBeGreaterThan(0);
  expect(scanned).not.toContain('Seq Scan');
}

const ORDERS = Object.values(UserOrderField).flatMap((field) =>
  Object.values(OrderDirection).map((direction): [string, UserOrder] => [
    `${field} ${direction}`,
    { field, direction },
  ]),
);

test.each(ORDERS)('a page by %s reads itself and nothing else, however deep', async (_name, order) => {
  let { page, plans, statements } = await look({ order });
  for (let depth = 0; depth < 3; depth += 1) {
    expect(page.nodes).toHaveLength(PAGE);
    expect(statements).toBe(1);
    expectIndexes(plans);
    expect(rowsRead(plans)).toBeLessThanOrEqual(PAGE + 1);
    ({ page, plans, statements } = await look({ order, after: page.pageInfo.endCursor }));
  }
  // A place in the middle, as a cursor of page 500 names it.
  const [middle] = await database.query<{ id: string; value: string }[]>(
    `SELECT id, ${{ CREATED_AT: 'created_at', DISPLAY_NAME: 'sort_name', LAST_SEEN: 'seen_order' }[order.field]}::text AS value
       FROM users ORDER BY 2 ${order.direction}, 1 ${order.direction} OFFSET ${PEOPLE / 2} LIMIT 1`,
  );
  if (middle === undefined) throw new Error('there is nobody in the middle');
  const deep = await look({ order, after: context.cursors.of({ list: 'users' }, null).encode(middle) });
  expect(deep.page.nodes).toHaveLength(PAGE);
  expectIndexes(deep.plans);
  expect(rowsRead(deep.plans)).toBeLessThanOrEqual(PAGE + 1);
});

test('a search of a rare and of a common word reads few rows, in any order', async () => {
  const order = { field: UserOrderField.DISPLAY_NAME, direction: OrderDirection.ASC };
  const [rare] = await database.query<{ word: string }[]>('SELECT search_words[2] AS word FROM users LIMIT 1');
  const one = await look({ order, filter: { search: rare?.word.slice(0, 12) ?? '' } });
  expect(one.page.nodes).toHaveLength(1);
  expectIndexes(one.plans);
  expect(rowsRead(one.plans)).toBeLessThanOrEqual(2);
  expect(one.statements).toBe(1);
  const many = await look({ order, filter: { search: 'comm' } });
  expect(many.page.nodes).toHaveLength(PAGE);
  expectIndexes(many.plans);
  expect(rowsRead(many.plans)).toBeLessThanOrEqual(100);
});

test('a search by address, and rare conditions, read few rows as well', async () => {
  const byAddress = await look({ filter: { search: '77@ORION.test' }, byEmail: true });
  expect(byAddress.page.nodes).toHaveLength(1);
  expectIndexes(byAddress.plans);
  expect(rowsRead(byAddress.plans)).toBeLessThanOrEqual(10);
  const suspended = await look({ filter: { status: UserStatus.SUSPENDED } });
  expect(suspended.page.nodes).toHaveLength(PAGE);
  expectIndexes(suspended.plans);
  expect(rowsRead(suspended.plans)).toBeLessThanOrEqual(100);
  const nobody = await look({ filter: { kind: UserKind.SERVICE } });
  expect(nobody.page.nodes).toHaveLength(0);
  expectIndexes(nobody.plans);
});

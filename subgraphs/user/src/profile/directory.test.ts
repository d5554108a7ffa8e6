import { userRegistered } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { openTestBus } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';

let running: TestSubgraph;
let bus: TestBus;

const NAMES = ['Zo\u00eb Winter', '\u00c9mile Zola', 'anna M\u00fcller', 'Bob O\u2019Brien', 'Anna Smith'];
const admin = testViewer({ permissions: ['user:list:any'] });

beforeAll(async () => {
  running = await startTestSubgraph(subgraph);
  bus = await openTestBus(running, { group: 'user' });
  for (const displayName of NAMES) {
    const [first = ''] = displayName.toLowerCase().split(' ');
    const userId = uuidv7();
    const event = userRegistered.of({
      userId,
      email: `${first}-secret@orion.test`,
      displayName,
      locale: 'en',
      verificationToken: null,
    });
    await bus.taken(await bus.deliver(event));
  }
});

afterAll(async () => {
  await bus.stop();
  await running.stop();
});

interface Page {
  readonly nodes: readonly { readonly displayName: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function list(variables: object, viewer = admin): Promise<Page> {
  const { data, errors } = await running.query(
    `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String) {
      users(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { nodes { displayName } pageInfo { hasNextPage endCursor } } }`,
    { viewer, variables: variables as Record<string, unknown> },
  );
  expect(errors).toEqual([]);
  return data.users as Page;
}

const namesOf = ({ nodes }: Page): string[] => nodes.map(({ displayName }) => displayName);

async function search(query: string): Promise<string[]> {
  const { data, errors } = await running.query(
    `query ($query: String!) { searchUsers(query: $query) { nodes { displayName } } }`,
    {
      viewer: testViewer(),
      variables: { query },
    },
  );
  expect(errors).toEqual([]);
  return namesOf(data.searchUsers as Page);
}

describe('users', () => {
  it('lists everybody, newest first', async () => {
    expect(namesOf(await list({}))).toEqual(NAMES.toReversed());
  });

  it.each(['ASC', 'DESC'])('pages through all names %s without a gap or a repetition', async (direction) => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Page = await list({ orderBy: { field: 'DISPLAY_NAME', direction }, first: 2, after });
      seen.push(...namesOf(page));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    const sorted = ['anna M\u00fcller', 'Anna Smith', 'Bob O\u2019Brien', '\u00c9mile Zola', 'Zo\u00eb Winter'];
    expect(seen).toEqual(direction === 'ASC' ? sorted : sorted.toReversed());
  });

  it('is refused without user:list:any', async () => {
    const { data, errors } = await running.query('{ users { nodes { id } } me { id } }', { viewer: testViewer() });
    expect(data.users).toBeNull();
    expect(data.me).not.toBeNull();
    expect(errors[0]).toMatchObject({ path: ['users'], extensions: { code: 'FORBIDDEN' } });
  });

  it('finds by e-mail address only for those who may read it', async () => {
    const filter = { search: 'ANNA-secret@orion.test' };
    expect(namesOf(await list({ filter }))).toEqual([]);
    const reader = testViewer({ permissions: ['user:list:any', 'user:read-pii:any'] });
    expect(namesOf(await list({ filter }, reader)).toSorted()).toEqual(['Anna Smith', 'anna M\u00fcller']);
    expect(namesOf(await list({ filter: { search: 'winter' } }, reader))).toEqual(['Zo\u00eb Winter']);
  });

  it('refuses a page that is too large and a cursor that is none', async () => {
    for (const query of ['{ users(first: 101) { nodes { id } } }', '{ users(after: "x") { nodes { id } } }']) {
      const { errors } = await running.query(query, { viewer: admin });
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    }
  });
});

describe('searchUsers', () => {
  it('finds by beginnings of words, without regard to case, accents and punctuation', async () => {
    expect(await search('mull')).toEqual(['anna M\u00fcller']);
    expect(await search('ZOE')).toEqual(['Zo\u00eb Winter']);
    expect(await search('smi ann')).toEqual(['Anna Smith']);
    expect(await search("o'br")).toEqual(['Bob O\u2019Brien']);
    expect(await search('anna')).toEqual(['anna M\u00fcller', 'Anna Smith']);
  });

  it('does not tell who has an e-mail address', async () => {
    expect(await search('anna-secret@orion.test')).toEqual([]);
    expect(await search('orion.test')).toEqual([]);
  });

  it('takes what looks like SQL or a search expression for words', async () => {
    for (const typed of ["anna'; DROP TABLE users; --", "anna' | 'zoe", 'anna:* & !bob', '\\anna\\']) {
      expect(await search(typed)).toEqual(typed === '\\anna\\' ? ['anna M\u00fcller', 'Anna Smith'] : []);
    }
  });

  it('refuses a search for nothing', async () => {
    const { errors } = await running.query('{ searchUsers(query: " % ") { nodes { id } } }', { viewer: testViewer() });
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });
});

describe('what a list of users is chosen and sorted by', () => {
  // Who only asked is not in the list.
  beforeAll(async () => void (await bus.sql(`DELETE FROM users WHERE display_name = 'New user'`)));

  const ids = async (variables: object, viewer = everything) => {
    const { data, errors } = await running.query(LIST, { viewer, variables: variables as Record<string, unknown> });
    expect(errors).toEqual([]);
    return data.users.nodes.map(({ displayName }: { displayName: string }) => displayName);
  };
  const LIST = `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String, $last: Int, $before: String) {
    users(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      nodes { displayName } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  const everything = testViewer({
    permissions: ['user:list:any', 'user:read:any', 'role:read:any', 'activity:read:any'],
  });
  const userIdOf = async (name: string) => {
    const [row] = await bus.sql<{ id: string }>('SELECT id FROM users WHERE display_name = $1', [name]);
    return row?.id ?? '';
  };

  it('goes backward as well', async () => {
    const sorted = ['anna M\u00fcller', 'Anna Smith', 'Bob O\u2019Brien', '\u00c9mile Zola', 'Zo\u00eb Winter'];
    const orderBy = { field: 'DISPLAY_NAME', direction: 'ASC' };
    const page = async (variables: object) =>
      (await running.query(LIST, { viewer: everything, variables: { orderBy, ...variables } })).data.users;
    const last = await page({ last: 2 });
    expect(namesOf(last as Page)).toEqual(sorted.slice(3));
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const before = await page({ last: 2, before: last.pageInfo.startCursor });
    expect(namesOf(before as Page)).toEqual(sorted.slice(1, 3));
    expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const begin = await page({ last: 2, before: before.pageInfo.startCursor });
    expect(namesOf(begin as Page)).toEqual(sorted.slice(0, 1));
    expect(begin.pageInfo).toMatchObject({ hasPreviousPage: false });
    const both = await running.query('{ users(first: 1, last: 1) { nodes { id } } }', { viewer: everything });
    expect(both.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('is status, kind, role and time', async () => {
    const [anna, bob] = [await userIdOf('Anna Smith'), await userIdOf('Bob O\u2019Brien')];
    await bus.sql(`UPDATE users SET status = 'SUSPENDED' WHERE id = $1`, [bob]);
    await bus.sql(`UPDATE users SET last_seen_at = now() - interval '1 hour' WHERE id = $1`, [anna]);
    await bus.sql(`INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'SUPPORT'`, [anna]);
    expect(await ids({ filter: { status: 'SUSPENDED' } })).toEqual(['Bob O\u2019Brien']);
    expect(await ids({ filter: { role: 'SUPPORT' } })).toEqual(['Anna Smith']);
    expect(await ids({ filter: { role: "' OR 1=1 --" } })).toEqual([]);
    expect(await ids({ filter: { kind: 'SERVICE' } })).toEqual([]);
    const hour = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    expect(await ids({ filter: { signedInAfter: hour(2) } })).toEqual(['Anna Smith']);
    expect(await ids({ filter: { signedInAfter: hour(0.5) } })).toEqual([]);
    expect(await ids({ filter: { createdAfter: hour(1) } })).toHaveLength(NAMES.length);
    expect(await ids({ filter: { createdBefore: hour(1) } })).toEqual([]);
    expect(await ids({ orderBy: { field: 'LAST_SEEN', direction: 'DESC' }, first: 1 })).toEqual(['Anna Smith']);
    expect(await ids({ orderBy: { field: 'LAST_SEEN', direction: 'ASC' } })).toHaveLength(NAMES.length);
  });

  it('ID-25: takes no column, no wildcard and no SQL from anybody', async () => {
    for (const field of ['id; DROP TABLE users', 'email', 'password_hash', 'created_at']) {
      const { errors } = await running.query(LIST, {
        viewer: everything,
        variables: { orderBy: { field, direction: 'ASC' } },
      });
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    }
    for (const typed of ['%', '_', '%_%', "' OR 1=1 --", 'a%', "'); DROP TABLE users; --"])
      expect(await ids({ filter: { search: typed } })).toEqual(
        typed === 'a%' ? ['Anna Smith', 'anna M\u00fcller'] : [],
      );
    expect(await ids({})).toHaveLength(NAMES.length);
  });

  it('ID-86: tells nothing that one may not read, by number, order or cursor', async () => {
    const lister = testViewer({ permissions: ['user:list:any'] });
    for (const [variables, permission] of [
      [{ orderBy: { field: 'LAST_SEEN', direction: 'ASC' } }, 'activity:read:any'],
      [{ filter: { signedInAfter: new Date().toISOString() } }, 'activity:read:any'],
      [{ filter: { status: 'SUSPENDED' } }, 'user:read:any'],
      [{ filter: { role: 'ADMIN' } }, 'role:read:any'],
    ] as const) {
      const { errors } = await running.query(LIST, { viewer: lister, variables });
      expect(errors[0]).toMatchObject({ extensions: { code: 'FORBIDDEN', permission } });
    }
    for (const typed of ['anna-secret', 'secret@orion.test', 'orion', 'anna-secret@orion.test'])
      expect(await ids({ filter: { search: typed } }, lister)).toEqual([]);
  });

  it('ID-86: refuses a cursor of another filter, order, list or user, and one that was changed', async () => {
    const orderBy = { field: 'DISPLAY_NAME', direction: 'ASC' };
    const { data } = await running.query(LIST, { viewer: everything, variables: { orderBy, first: 1 } });
    const after = String(data.users.pageInfo.endCursor);
    const refused = { extensions: { code: 'BAD_USER_INPUT', reason: 'BAD_CURSOR' } };
    const flip = (at: number) => `${after.slice(0, at)}${after[at] === 'A' ? 'B' : 'A'}${after.slice(at + 1)}`;
    for (const variables of [
      { after },
      { orderBy: { ...orderBy, direction: 'DESC' }, after },
      { orderBy, filter: { search: 'anna' }, after },
      { orderBy, after: flip(0) },
      { orderBy, after: flip(after.length - 3) },
      { orderBy, last: 1, before: 'x' },
    ])
      expect((await running.query(LIST, { viewer: everything, variables })).errors[0]).toMatchObject(refused);
    const other = testViewer({ permissions: everything.permissions });
    expect((await running.query(LIST, { viewer: other, variables: { orderBy, after } })).errors[0]).toMatchObject(
      refused,
    );
    const elsewhere = await running.query(
      'query ($after: String) { searchUsers(query: "an", after: $after) { nodes { id } } }',
      {
        viewer: everything,
        variables: { after },
      },
    );
    expect(elsewhere.errors[0]).toMatchObject(refused);
    expect((await running.query(LIST, { viewer: everything, variables: { orderBy, after } })).errors).toEqual([]);
  });
});

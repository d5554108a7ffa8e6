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

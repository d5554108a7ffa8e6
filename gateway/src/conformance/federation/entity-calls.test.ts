import { askGateway } from '../harness/answers.js';
import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('entities that come by way of others', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      shelves: `${FEDERATION}
        type Query { topShelves: Shelves }
        type Shelves @key(fields: "volumes { isbn }") @key(fields: "volumes { isbn shelfmark }") @shareable {
          volumes: [Volume!]! first: Volume @shareable chosen: Volume @shareable
        }
        type Volume @key(fields: "isbn shelfmark") { isbn: String! shelfmark: String room: Room @shareable }
        type Room @key(fields: "id label") { id: String! label: String @shareable }`,
      catalogue: `${FEDERATION}
        type Query { topVolumes: Shelves! @shareable volume(isbn: String!): Volume }
        type Shelves @key(fields: "volumes { isbn }") @shareable { volumes: [Volume!]! }
        type Volume @key(fields: "isbn") { isbn: String! @shareable title: String }`,
      prices: `${FEDERATION}
        type Volume @key(fields: "isbn shelfmark room { id label }") {
          isbn: String! @shareable shelfmark: String @shareable room: Room @shareable price: Price
        }
        type Room @key(fields: "id label") { id: String! label: String @shareable }
        type Price { amount: Float! }`,
      links: `${FEDERATION}
        type Volume @key(fields: "isbn") @key(fields: "isbn shelfmark") { isbn: String! shelfmark: String! }`,
    },
    data: () => {
      const volume = (isbn: string, room: number) => ({
        __typename: 'Volume',
        isbn,
        shelfmark: `sm-${isbn}`,
        title: `Title ${isbn}`,
        room: { __typename: 'Room', id: `r${room}`, label: `Room ${room}` },
        price: { amount: room + 0.5 },
      });
      const volumes = [volume('1', 1), volume('2', 2), volume('3', 1)];
      const shelves = { __typename: 'Shelves', volumes, first: volumes[0], chosen: volumes[1] };
      return {
        rows: [...volumes, shelves, ...volumes.map(({ room }) => room)],
        roots: {
          topShelves: shelves,
          topVolumes: shelves,
          volume: ({ isbn }: { readonly isbn: string }) => volumes.find((each) => each.isbn === isbn) ?? null,
        },
      };
    },
  });

  test('a second key that only a third subgraph can give', () =>
    expectSame(graph(), '{ volume(isbn: "2") { title price { amount } } }'));

  test('keys that hold lists of objects, and keys of keys', () =>
    expectSame(
      graph(),
      '{ topVolumes { volumes { isbn price { amount } room { label } } first { isbn title } chosen { price { amount } } } }',
    ));

  test('nobody is found', () => expectSame(graph(), '{ volume(isbn: "none") { title price { amount } } }'));
});

describe('a parent that is itself fetched for its child', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      meals: `${FEDERATION}
        type Query { meal: Meal! mealFromOther: Meal }
        type Meal @key(fields: "id") { id: ID! course: Course! kitchen: Kitchen @shareable }
        type Course @key(fields: "id") { id: ID! }
        type Kitchen @shareable { note: String }`,
      courses: `${FEDERATION}
        type Meal @key(fields: "id") { id: ID! kitchen: Kitchen @shareable }
        type Kitchen @shareable { note: String heat: Int }
        type Course @key(fields: "id") { id: ID! name: String }`,
      cellar: `${FEDERATION}
        type Meal @key(fields: "id") { id: ID! wine: Wine }
        type Wine { bottle: Bottle }
        type Bottle { id: ID! year: Int maker: Maker }
        type Maker @key(fields: "name") { name: String! }`,
      makers: `${FEDERATION}
        type Maker @key(fields: "name") { name: String! country: String }`,
    },
    data: () => {
      const course = { __typename: 'Course', id: 'c1', name: 'Soup' };
      const maker = { __typename: 'Maker', name: 'Orme', country: 'FR' };
      const meal = {
        __typename: 'Meal',
        id: 'm1',
        course,
        kitchen: { note: 'slow', heat: 3 },
        wine: { bottle: { id: 'b1', year: 1999, maker } },
      };
      return { rows: [course, meal, maker], roots: { meal, mealFromOther: () => null } };
    },
  });

  test('half of a value is here, half of it there', () =>
    expectSame(graph(), '{ meal { kitchen { heat note } course { name } } }'));

  test('an entity below values without a key', () =>
    expectSame(graph(), '{ meal { wine { bottle { maker { country } year } } kitchen { heat } } }'));

  test('a null parent asks nothing of the others', async () => {
    await expectSame(graph(), '{ mealFromOther { kitchen { heat } course { name } wine { bottle { year } } } }');
    expect(graph().host.requests).toHaveLength(1);
  });
});

describe('null keys and null entities', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      stalls: `${FEDERATION}
        type Query { stalls: [Stall] tokens: [Token!] grid: [[Stall]!] }
        type Stall @key(fields: "number") { number: Int }
        type Token @key(fields: "stamp") { stamp: ID }`,
      owners: `${FEDERATION}
        type Stall @key(fields: "number") @key(fields: "licence") { number: Int licence: ID }
        type Token @key(fields: "stamp") { stamp: ID worth: Int note: String! }`,
      fees: `${FEDERATION}
        type Stall @key(fields: "licence") { licence: ID fee: Float }`,
    },
    data: () => {
      const stall = (number: number | null, licence: string | null, fee: number | null) => ({
        __typename: 'Stall',
        number,
        licence,
        fee,
      });
      const one = stall(1, 'L1', 10);
      const unlicensed = stall(2, null, null);
      const token = { __typename: 'Token', stamp: 't', worth: 5, note: 'kept' };
      return {
        rows: [one, unlicensed, token],
        roots: {
          stalls: [one, null, unlicensed, null, one],
          tokens: [token, token],
          grid: [[one, null], [], [unlicensed]],
        },
      };
    },
  });

  test('holes in a list stay where they are', () => expectSame(graph(), '{ stalls { number licence fee } }'));

  test('holes in lists of lists', () => expectSame(graph(), '{ grid { fee number } }'));

  test('an entity whose key is null has nulls for what hangs on it', () => expectSame(graph(), '{ stalls { fee } }'));

  test('equal entities in one list', () => expectSame(graph(), '{ tokens { worth note } }'));
});

describe('an entity that its subgraph does not know', () => {
  const stones = () => {
    const known = { __typename: 'Stone', id: 's1', weight: 5, name: 'Known' };
    const lost = { __typename: 'Stone', id: 's2', weight: null, name: null };
    return { known, lost };
  };
  const graph = useFederatedGraph({
    subgraphs: {
      quarry: `${FEDERATION} type Query { stones: [Stone] } type Stone @key(fields: "id") { id: ID! }`,
      scales: {
        sdl: `${FEDERATION} type Stone @key(fields: "id") { id: ID! weight: Int name: String }`,
        data: () => ({ rows: [stones().known], roots: {} }),
      },
    },
    data: () => {
      const { known, lost } = stones();
      return { rows: [known, lost], roots: { stones: [lost, known] } };
    },
  });

  test('has nulls and no error', () => expectSame(graph(), '{ stones { id weight name } }'));
});

describe('types whose ids differ from subgraph to subgraph', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      chats: `${FEDERATION}
        type Query { node(id: ID!): Node @shareable account(id: String!): Account @shareable }
        interface Node { id: ID! }
        type Account implements Node @key(fields: "id") { id: ID! nick: String! }
        type Chat implements Node @key(fields: "id") @key(fields: "account { id }") { id: ID! account: Account! @shareable text: String! }`,
      archive: `${FEDERATION}
        type Query { chat(id: String!): Chat @shareable }
        interface Node { id: ID! }
        type Account @key(fields: "id") { id: ID! chats: [Chat!]! }
        type Chat implements Node @key(fields: "id") { id: ID! account: Account! @shareable }`,
    },
    data: () => {
      const account = { __typename: 'Account', id: 'a1', nick: 'mo', chats: (): unknown[] => [chat] };
      const chat = { __typename: 'Chat', id: 'c1', account, text: 'hi' };
      const rows = [account, chat];
      return {
        rows,
        roots: {
          node: ({ id }: { readonly id: string }) => rows.find((row) => row.id === id) ?? null,
          account: ({ id }: { readonly id: string }) => rows.find((row) => row.id === id) ?? null,
          chat: ({ id }: { readonly id: string }) => rows.find((row) => row.id === id) ?? null,
        },
      };
    },
  });

  test('an interface field that only one subgraph declares so', () =>
    expectSame(
      graph(),
      '{ account(id: "a1") { id nick chats { id text account { nick } } } chat(id: "c1") { text } }',
    ));

  test('by the interface', () =>
    expectSame(graph(), '{ node(id: "c1") { id __typename ... on Chat { text account { chats { id } } } } }'));

  test('what is not there is null, with what hangs on it', () =>
    expectSameAnswer(graph(), '{ node(id: "x") { id } chat(id: "x") { text } }'));
});

describe('an interface field that each subgraph has for other types', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      rooms: `${FEDERATION}
        type Query { node(id: ID!): Node @shareable room(id: ID!): Room }
        interface Node { id: ID! }
        type Room implements Node @key(fields: "id") { id: ID! floor: Int! }
        type Key implements Node @key(fields: "id") { id: ID! @external opens: Room! }`,
      keys: `${FEDERATION}
        type Query { node(id: ID!): Node @shareable key(id: ID!): Key }
        interface Node { id: ID! }
        type Room implements Node @key(fields: "id") { id: ID! @external keys: [Key!]! }
        type Key implements Node @key(fields: "id") { id: ID! teeth: Int }`,
    },
    data: () => {
      const room = { __typename: 'Room', id: 'r1', floor: 2, keys: (): unknown[] => [key] };
      const key = { __typename: 'Key', id: 'k1', teeth: 5, opens: room };
      const byId = ({ id }: { readonly id: string }) => [room, key].find((each) => each.id === id) ?? null;
      return { rows: [room, key], roots: { node: byId, room: byId, key: byId } };
    },
  });

  test('is had for a type', () =>
    expectSame(
      graph(),
      '{ room: node(id: "r1") { ... on Room { id floor } } key: node(id: "k1") { __typename ... on Key { teeth id } } }',
    ));

  test('and by way of the entities', () =>
    expectSame(graph(), '{ room(id: "r1") { id keys { id opens { floor } } } key(id: "k1") { id opens { id } } }'));

  test.each([
    '{ node(id: "r1") { id } }',
    '{ room: node(id: "r1") { id ... on Key { id } } key: node(id: "k1") { __typename ... on Room { id } } }',
  ])('for the interface itself there is no way to it, which is an error and no data: %s', async (query) => {
    const { data, errors } = await askGateway(graph(), query);
    expect(data ?? 'null').toBe('null');
    expect(errors).not.toEqual([]);
  });
});

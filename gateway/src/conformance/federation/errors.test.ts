import { askGateway } from '../harness/answers.js';
import { read } from '../harness/data.js';
import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

const fail = (message: string) => (): never => {
  throw new Error(message);
};

describe('errors of subgraphs', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      teams: `${FEDERATION}
        type Query { teams: [Team] team(id: ID!): Team! league: League broken: Team brokenNeeded: Team! }
        type League { teams: [Team!]! best: Team! second: Team }
        type Team @key(fields: "id") { id: ID! name: String! motto: String coach: Coach }
        type Coach @key(fields: "id") { id: ID! }`,
      scores: `${FEDERATION}
        type Team @key(fields: "id") { id: ID! points: Int rank: Int! rival: Team nested: [[Score!]] games(last: Int): [Game]! }
        type Score { value: Int! note: String }
        type Game { at: String! home: Team! away: Team }
        type Coach @key(fields: "id") { id: ID! wins: Int! losses: Int }`,
      fans: `${FEDERATION}
        type Team @key(fields: "id") { id: ID! points: Int @external mood: String! @requires(fields: "points") clubs: [Club!] }
        type Club { size: Int! }`,
    },
    data: () => {
      const coach = (id: string, own: object) => ({ __typename: 'Coach', id, wins: 3, losses: null, ...own });
      const team = (id: string, own: object): Record<string, unknown> => ({
        __typename: 'Team',
        id,
        name: `T${id}`,
        motto: null,
        coach: null,
        points: 10,
        rank: 1,
        rival: null,
        nested: [[{ value: 1, note: 'n' }], null, []],
        games: [],
        clubs: [{ size: 3 }],
        mood(this: object) {
          const points = read(this, 'points') as number | null;
          if (points === null) throw new Error('no mood');
          return points > 5 ? 'good' : 'bad';
        },
        ...own,
      });
      const good = team('1', { coach: coach('c1', {}) });
      const noisy = team('2', {
        motto: fail('no motto'),
        points: fail('no points'),
        coach: coach('c2', { wins: fail('no wins') }),
        nested: [[{ value: 1, note: fail('no note') }], [{ value: fail('no value') }, { value: 2 }]],
        rival: good,
      });
      const broken = team('3', {
        name: fail('no name'),
        rank: fail('no rank'),
        clubs: [{ size: 1 }, { size: fail('no size') }],
      });
      const games = [
        { at: 'home', home: good, away: noisy },
        null,
        { at: fail('no time'), home: noisy, away: null },
        { at: 'away', home: broken, away: null },
      ];
      const player = team('4', { games, rival: broken });
      const unknown = team('5', { rank: null, mood: 'x' });
      const rows = [good, noisy, broken, player, unknown];
      const coaches = rows.flatMap(({ coach: each }) => (each === null ? [] : [each]));
      return {
        rows: [...rows, ...coaches] as never,
        roots: {
          teams: [good, noisy, null, player, unknown],
          team: ({ id }: { readonly id: string }) => rows.find((row) => row['id'] === id),
          league: { teams: [good, noisy], best: good, second: noisy },
          broken: fail('no team'),
          brokenNeeded: fail('no team'),
        },
      };
    },
  });

  test.each([
    ['of one field of an entity', '{ teams { id points } }'],
    [
      'of a field below a list, at its place in the list of the client',
      '{ teams { id p: points rival { coach { w: wins } id } } }',
    ],
    ['of a field that may not be null takes its parent with it', '{ teams { id coach { wins } } }'],
    ['of an entity whose every part fails', '{ team(id: "4") { rival { rank id } } }'],
    ['up to the next nullable field', '{ team(id: "4") { id games { at home { id name } } } }'],
    ['up to the root', '{ brokenNeeded { id } teams { id } }'],
    ['at a nullable root', '{ broken { id points } teams { id } }'],
    ['in lists of lists', '{ teams { nested { value note } } }'],
    [
      'in lists whose items may not be null',
      '{ team(id: "3") { id clubs { size } } league { second { clubs { size } } } }',
    ],
    ['in what another field requires', '{ teams { id mood } }'],
    ['in two subgraphs of one entity', '{ a: team(id: "2") { id motto points } b: team(id: "4") { rival { id } } }'],
    ['for nulls where none may be', '{ teams { id rank } }'],
    [
      'for an entity under several names',
      '{ league { b: best { points } second { x: points y: points coach { losses } } } }',
    ],
    [
      'of equal entities, at each of their places',
      '{ a: team(id: "2") { points } teams { points } league { second { points } teams { points } } }',
    ],
    [
      'behind fragments',
      '{ teams { ...F } } fragment F on Team { ... { p: points } coach { ... on Coach { wins } } motto }',
    ],
  ])('stand at the same places: %s', async (_, query) => {
    const { errors } = await expectSameAnswer(graph(), query);
    expect(errors).not.toEqual([]);
    for (const { path } of errors) expect(path).not.toContain('_entities');
  });

  test('have their message, and a code', async () => {
    const { errors } = await graph().gateway.ask('{ teams { points } }');
    expect(errors).toMatchObject([
      { message: 'no points', path: ['teams', 1, 'points'], extensions: { code: expect.any(String) } },
    ]);
  });
});

describe('a subgraph that does not answer as it should', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      lists: `${FEDERATION}
        type Query { rooms: [Room!]! room: Room }
        type Room @key(fields: "id") { id: ID! number: Int! }`,
      beds: `${FEDERATION}
        type Query { hotel: String }
        type Room @key(fields: "id") { id: ID! beds: Int size: Size! }
        type Size { metres: Int! }`,
      keys: `${FEDERATION}
        type Room @key(fields: "id") { id: ID! locked: Boolean }`,
    },
    data: () => {
      const room = (id: number) => ({
        __typename: 'Room',
        id: String(id),
        number: id,
        beds: id,
        size: { metres: id },
        locked: id === 1,
      });
      const rooms = [room(1), room(2)];
      return { rows: rooms, roots: { rooms, room: rooms[0], hotel: 'H' } };
    },
  });
  afterEach(() => graph().host.answerWith('beds', undefined));

  test.each([
    ['the connection is cut', 'cut' as const],
    ['status 500 with HTML', { status: 500, body: '<html>' }],
    ['status 200 with no JSON', { body: 'not json' }],
    ['truncated JSON', { body: '{"data":{"_entities":[{"beds":1},' }],
    ['an empty body', { body: '' }],
    ['no data and no errors', { body: '{}' }],
    ['data that is no object', { body: '{"data":[1]}' }],
    ['data that is null', { body: '{"data":null,"errors":[{"message":"all of it"}]}' }],
    ['entities that are no list', { body: '{"data":{"_entities":{"beds":1}}}' }],
    ['errors that are no list', { body: '{"data":null,"errors":"bad"}' }],
  ])('%s: the rest is answered, and an error tells', async (_, canned) => {
    graph().host.answerWith('beds', canned);
    const { data, errors } = await askGateway(graph(), '{ rooms { number locked beds } hotel }');
    expect(data).toBe(
      '{"rooms":[{"number":1,"locked":true,"beds":null},{"number":2,"locked":false,"beds":null}],"hotel":null}',
    );
    expect(errors).not.toEqual([]);
    for (const { path } of errors) expect(path ?? []).not.toContain('_entities');
  });

  test('where no null may be, its parents are null', async () => {
    graph().host.answerWith('beds', 'cut');
    const { data, errors } = await askGateway(
      graph(),
      '{ room { number size { metres } } other: room { locked number } }',
    );
    expect(data).toBe('{"room":null,"other":{"locked":true,"number":1}}');
    expect(errors).not.toEqual([]);
  });

  test.each([
    ['fewer entities than were asked for', '{"data":{"_entities":[{"beds":7}]}}'],
    ['more entities than were asked for', '{"data":{"_entities":[{"beds":7},{"beds":8},{"beds":9}]}}'],
  ])('%s are not believed', async (_, body) => {
    graph().host.answerWith('beds', { body });
    const { data, errors } = await askGateway(graph(), '{ rooms { beds } }');
    expect(data).toBe('{"rooms":[{"beds":null},{"beds":null}]}');
    expect(errors).not.toEqual([]);
  });

  test('an error that names no path is told, and what came with it is used', async () => {
    graph().host.answerWith('beds', {
      body: '{"data":{"_entities":[{"beds":7},{"beds":8}]},"errors":[{"message":"slowly"}]}',
    });
    const { data, errors } = await askGateway(graph(), '{ rooms { beds } }');
    expect(data).toBe('{"rooms":[{"beds":7},{"beds":8}]}');
    expect(errors).toMatchObject([{ message: 'slowly' }]);
  });

  test('an error with an odd path does no harm', async () => {
    graph().host.answerWith('beds', {
      body: '{"data":{"_entities":[null,{"beds":8}]},"errors":[{"message":"a","path":["_entities",99,"x"]},{"message":"b","path":["_entities"]},{"message":"c","path":["_entities","0"]},{"message":"d","path":[{}]}]}',
    });
    const { data, errors } = await askGateway(graph(), '{ rooms { beds } }');
    expect(data).toBe('{"rooms":[{"beds":null},{"beds":8}]}');
    expect(errors).not.toEqual([]);
  });

  test('afterwards it is asked again', async () => {
    graph().host.answerWith('beds', 'cut');
    await askGateway(graph(), '{ rooms { beds } }');
    graph().host.answerWith('beds', undefined);
    await expectSame(graph(), '{ rooms { beds size { metres } } }');
  });
});

import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import type { IntrospectionQuery } from 'graphql';
import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('@inaccessible', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      staff: `${FEDERATION}
        type Query { staff: [Worker] find(name: String, secret: Int = 7 @inaccessible): Worker person: Person inner: Vault @inaccessible }
        interface Person { id: ID! badge: String @inaccessible }
        type Worker implements Person @key(fields: "id") @key(fields: "badge") {
          id: ID! badge: String @inaccessible name: String level: Level salary: Int @inaccessible contact: Contact
        }
        type Robot implements Person @key(fields: "id") @inaccessible { id: ID! badge: String }
        union Contact = Phone | Vault
        type Phone { digits: String! }
        type Vault @inaccessible { code: String! }
        enum Level { JUNIOR SENIOR SECRET @inaccessible }
        input Filter { name: String hidden: Int @inaccessible }`,
      pay: `${FEDERATION}
        type Worker @key(fields: "badge") {
          badge: String @inaccessible salary: Int @external bonus: Int @requires(fields: "salary") filtered(filter: Filter): String
        }
        input Filter { name: String hidden: Int @inaccessible }`,
    },
    data: () => {
      const worker = (id: string, own: object) => ({
        __typename: 'Worker',
        id,
        badge: `b-${id}`,
        name: `W ${id}`,
        salary: 100,
        contact: null,
        bonus(this: { readonly salary: number }) {
          return this.salary / 4;
        },
        filtered: ({ filter }: { readonly filter?: object }) => JSON.stringify(filter ?? null),
        ...own,
      });
      const workers = [
        worker('1', { level: 'JUNIOR', contact: { __typename: 'Phone', digits: '1' } }),
        worker('2', { level: 'SENIOR' }),
        null,
        worker('3', { level: null }),
      ];
      const [first] = workers;
      return { rows: workers.filter((each) => each !== null), roots: { staff: workers, find: first, person: first } };
    },
  });

  test('a hidden field is a key and is required, and is not in the answer', () =>
    expectSame(graph(), '{ staff { name level bonus contact { ... on Phone { digits } } } }'));

  test('a client may use the name of a hidden field as an alias', () =>
    expectSame(
      graph(),
      '{ staff { badge: name salary: bonus bonus: id } find { badge: __typename salary: level bonus } }',
    ));

  test('a hidden argument keeps its default', () => expectSame(graph(), '{ find(name: "x") { id bonus } }'));

  test('input objects without their hidden field', () =>
    expectSame(graph(), 'query ($f: Filter) { find { filtered(filter: $f) a: filtered } }', { f: { name: 'n' } }));

  test.each([
    '{ staff { salary } }',
    '{ staff { badge } }',
    '{ find(secret: 1) { id } }',
    '{ inner { code } }',
    '{ staff { contact { ... on Vault { code } } } }',
    '{ person { ... on Robot { id } } }',
    '{ find { filtered(filter: { hidden: 1 }) } }',
  ])('whoever asks for it has made a mistake: %s', async (query) => {
    const { data } = await expectSameAnswer(graph(), query);
    expect(data).toBeUndefined();
    expect(graph().host.requests).toEqual([]);
  });

  test('is not in the introspected schema', async () => {
    const data = await expectSame(graph(), getIntrospectionQuery());
    const sdl = printSchema(buildClientSchema(data as unknown as IntrospectionQuery));
    for (const name of ['salary', 'badge', 'Robot', 'Vault', 'SECRET', 'secret', 'hidden', 'inner'])
      expect(sdl).not.toMatch(new RegExp(`\\b${name}\\b`));
  });
});

describe('values that clients may not see', () => {
  const worker = (level: string) => ({ __typename: 'Worker', id: level, level });
  const graph = useFederatedGraph({
    subgraphs: {
      staff: `${FEDERATION}
        type Query { one: Worker all: [Worker!]! person: Person people: [Person] anything: Contact }
        interface Person { id: ID! }
        type Worker implements Person { id: ID! level: Level }
        type Robot implements Person @inaccessible { id: ID! }
        union Contact = Worker | Vault
        type Vault @inaccessible { code: String! }
        enum Level { JUNIOR SECRET @inaccessible }`,
    },
    data: () => ({
      rows: [],
      roots: {
        one: worker('SECRET'),
        all: [worker('JUNIOR'), worker('SECRET')],
        person: { __typename: 'Robot', id: 'r' },
        people: [{ __typename: 'Robot', id: 'r' }, worker('JUNIOR')],
        anything: { __typename: 'Vault', code: 'c' },
      },
    }),
  });

  test('a hidden enum value is a null and an error', () =>
    expectSameAnswer(graph(), '{ one { id level } all { level } }'));

  test('an object of a hidden type is a null and an error', () =>
    expectSameAnswer(graph(), '{ person { id } people { id __typename } anything { __typename } }'));
});

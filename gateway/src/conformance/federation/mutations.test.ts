import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('mutations', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      counters: `${FEDERATION}
        type Query { log: [String!]! counter: Counter }
        type Mutation { add(by: Int!): Counter! failCounting: Counter set(value: Int): Int! @shareable }
        type Counter @key(fields: "id") { id: ID! value: Int! }`,
      stamps: `${FEDERATION}
        type Mutation { stamp(note: String!): Stamp! failStamping: Stamp! double: Int! }
        type Stamp { note: String! counter: Counter! }
        type Counter @key(fields: "id") { id: ID! parity: String! value: Int! @external label: String @requires(fields: "value") }`,
    },
    data: () => {
      let value = 0;
      const log: string[] = [];
      const counter = {
        __typename: 'Counter',
        id: 'c',
        value: () => value,
        parity: () => (value % 2 === 0 ? 'even' : 'odd'),
        label(this: { readonly value: unknown }) {
          return `at ${String(typeof this.value === 'function' ? (this.value as () => number)() : this.value)}`;
        },
      };
      const slowly = <T>(ms: number, run: () => T): Promise<T> =>
        new Promise((resolve) => setTimeout(() => resolve(run()), ms));
      return {
        rows: [counter],
        roots: {
          log: () => log,
          counter,
          add: ({ by }: { readonly by: number }) =>
            slowly(by, () => {
              value += by;
              log.push(`add ${by}`);
              return counter;
            }),
          set: ({ value: to }: { readonly value?: number | null }) => {
            value = to ?? 0;
            log.push(`set ${value}`);
            return value;
          },
          double: () =>
            slowly(1, () => {
              value *= 2;
              log.push('double');
              return value;
            }),
          stamp: ({ note }: { readonly note: string }) => {
            log.push(`stamp ${note} ${value}`);
            return { note, counter };
          },
          failCounting: () => {
            log.push('failCounting');
            throw new Error('no counting');
          },
          failStamping: () => {
            log.push('failStamping');
            throw new Error('no stamping');
          },
        },
      };
    },
  });

  test('run in the order of the document, across subgraphs', async () => {
    await expectSame(
      graph(),
      'mutation { set(value: 5) a: add(by: 20) { value } double b: add(by: 1) { value } c: double }',
    );
    await expectSame(graph(), '{ log counter { value } }');
  });

  test('each sees what those before it did, in what it selects from other subgraphs too', async () => {
    await expectSame(
      graph(),
      'mutation { set(value: 1) a: add(by: 2) { value parity label } stamp(note: "n") { note counter { value parity } } b: add(by: 3) { parity id } }',
    );
    await expectSame(graph(), '{ log }');
  });

  test('one that fails does not keep the others from running', async () => {
    await expectSameAnswer(graph(), 'mutation { set(value: 7) failCounting { id } double a: add(by: 1) { label } }');
    await expectSame(graph(), '{ log counter { value parity } }');
  });

  test('conditions and variables', () =>
    expectSame(
      graph(),
      'mutation ($v: Boolean!, $n: Int) { set(value: $n) a: add(by: 4) @skip(if: $v) { value } ... @include(if: $v) { double } __typename }',
      { v: true, n: 3 },
    ));

  test('is sent once', async () => {
    await expectSame(graph(), 'mutation { add(by: 1) { value } }');
    expect(graph().host.requests).toHaveLength(1);
  });
});

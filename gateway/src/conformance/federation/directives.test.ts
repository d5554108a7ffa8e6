import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('@skip and @include at every place', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      plants: `${FEDERATION}
        type Query { plants: [Plant!]! plant: Plant organism: Organism }
        interface Organism { id: ID! name: String }
        type Plant implements Organism @key(fields: "id") { id: ID! name: String height: Int! family: Family }
        type Fungus implements Organism @key(fields: "id") { id: ID! name: String caps: Int }
        type Family @key(fields: "name") { name: String! }`,
      care: `${FEDERATION}
        type Plant @key(fields: "id") {
          id: ID! height: Int! @external isTall: Boolean! @requires(fields: "height") water: Water light: String
        }
        type Water { litres: Float! perWeek: Int neverAsked: String! }`,
      names: `${FEDERATION}
        type Family @key(fields: "name") { name: String! latin: String! members: [Plant] }
        type Plant @key(fields: "id", resolvable: false) { id: ID! }`,
    },
    data: () => {
      const family = { __typename: 'Family', name: 'Rose', latin: 'Rosaceae', members: (): unknown[] => [rose, null] };
      const plant = (id: string, height: number) => ({
        __typename: 'Plant',
        id,
        name: `P ${id}`,
        height,
        family,
        light: null,
        water: {
          litres: 1.5,
          perWeek: null,
          neverAsked: () => {
            throw new Error('this was asked');
          },
        },
        isTall(this: { readonly height: number }) {
          return this.height > 100;
        },
      });
      const rose = plant('r', 120);
      const moss = plant('m', 2);
      return { rows: [family, rose, moss], roots: { plants: [rose, moss], plant: moss, organism: rose } };
    },
  });

  const QUERY = `query ($yes: Boolean!, $no: Boolean! = false, $maybe: Boolean = true) {
    plants @include(if: $yes) {
      id @skip(if: $maybe)
      isTall @include(if: $yes) @skip(if: $no)
      water @skip(if: $no) { litres neverAsked @include(if: false) n: neverAsked @skip(if: $yes) perWeek @include(if: $maybe) }
      ... @include(if: $maybe) { family { latin @skip(if: $no) name members @include(if: $no) { id } } }
      ...Shade @skip(if: $maybe)
      ... on Plant @include(if: $yes) { height ...Tall @include(if: $maybe) }
    }
    organism { ... on Plant @skip(if: $no) { name light @include(if: $maybe) } ... on Fungus @include(if: $yes) { caps } id @include(if: $yes) }
    never: plant @skip(if: $yes) { id }
  }
  fragment Shade on Plant { light isTall }
  fragment Tall on Plant { isTall name @include(if: $no) }`;

  const BOOLEANS = [true, false];
  test.each(BOOLEANS.flatMap((yes) => BOOLEANS.flatMap((no) => BOOLEANS.map((maybe) => ({ yes, no, maybe })))))(
    '%j',
    async (variables) => {
      // Where the guarded field is asked for after all, it is an error and stands at the same place.
      await expectSameAnswer(graph(), QUERY, variables);
    },
  );

  test('defaults count', () => expectSame(graph(), QUERY, { yes: true }));

  test('both on one field: skipped wins', () =>
    expectSame(
      graph(),
      '{ plants { id @include(if: true) @skip(if: true) name @skip(if: false) @include(if: true) height @include(if: false) @skip(if: false) } }',
    ));

  test('the same field with and without', () =>
    expectSame(
      graph(),
      'query ($v: Boolean!) { plants { isTall @skip(if: $v) name ... @include(if: $v) { isTall } water { litres } water @include(if: $v) { perWeek } } }',
      { v: true },
    ));

  test('everything left out leaves empty objects and no request', async () => {
    await expectSame(graph(), 'query ($v: Boolean!) { plants @skip(if: $v) { id } }', { v: true });
    expect(graph().host.requests).toEqual([]);
    await expectSame(graph(), 'query ($v: Boolean!) { plant { isTall @skip(if: $v) } }', { v: true });
  });

  test('a variable for a condition that is null is a mistake', () =>
    expectSameAnswer(graph(), 'query ($v: Boolean!) { plants @skip(if: $v) { id } }', { v: null }));
});

describe('directives that mean nothing to a gateway', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      one: `${FEDERATION}
        extend schema @link(url: "https://example.test/audit/v1.0", import: ["@audit"]) @composeDirective(name: "@audit")
        directive @audit(level: Int = 3) on FIELD_DEFINITION | OBJECT
        directive @cached(ttl: Int = 60, scope: Scope = ALL) on FIELD | QUERY | FRAGMENT_SPREAD | INLINE_FRAGMENT
        enum Scope { ALL ONE }
        type Query { boats: [Boat!]! @tag(name: "public") }
        type Boat @key(fields: "id") @tag(name: "fleet") @audit { id: ID! name: String @audit(level: 1) @tag(name: "x") }`,
      two: `${FEDERATION}
        directive @cached(ttl: Int = 60, scope: Scope = ALL) on FIELD | QUERY | FRAGMENT_SPREAD | INLINE_FRAGMENT
        enum Scope { ALL ONE }
        type Boat @key(fields: "id") { id: ID! length(unit: Unit = METRE @tag(name: "u")): Float @tag(name: "y") }
        enum Unit @tag(name: "e") { METRE FOOT @tag(name: "f") }`,
    },
    data: () => {
      const boat = {
        __typename: 'Boat',
        id: 'b1',
        name: 'Fram',
        length: ({ unit }: { readonly unit: string }) => (unit === 'FOOT' ? 128 : 39),
      };
      return { rows: [boat], roots: { boats: [boat] } };
    },
  });

  test('@tag and @composeDirective', () => expectSame(graph(), '{ boats { id name length f: length(unit: FOOT) } }'));

  test('executable directives with defaults, on every place', () =>
    expectSame(
      graph(),
      `query Q($t: Int) @cached { boats @cached(ttl: $t) { ... @cached(scope: ONE) { name } ...L @cached id @cached(ttl: null) } }
       fragment L on Boat { length @cached(ttl: 5, scope: ALL) }`,
    ));
});

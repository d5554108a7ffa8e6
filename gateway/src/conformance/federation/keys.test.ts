import { expectSame } from '../harness/expect-same.js';
import { useFederatedGraph } from '../harness/federated-graph.js';
import { FEDERATION } from '../harness/federation.js';

describe('simple, compound, nested and several keys', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      fleet: `${FEDERATION}
        type Ship @key(fields: "imo") @key(fields: "flag { country } hull") {
          imo: ID! name: String! hull: Int! flag: Flag! berth: Berth captain: Sailor
        }
        type Flag @shareable { country: String! }
        type Berth @key(fields: "port { code } number") { port: Port! number: Int! }
        type Port @shareable { code: String! }
        type Sailor @key(fields: "papers { number country { code } }") { papers: Papers! }
        type Papers @shareable { number: String! country: Country! }
        type Country @shareable { code: String! }
        type Query { ships: [Ship!]! ship(imo: ID!): Ship flagship: Ship }`,
      registry: `${FEDERATION}
        type Ship @key(fields: "flag { country } hull") { hull: Int! flag: Flag! tonnage: Float registeredAs: String }
        type Flag @shareable { country: String! }
        type Query { registered(country: String!): [Ship] }`,
      harbour: `${FEDERATION}
        type Berth @key(fields: "port { code } number") @key(fields: "plate") {
          port: Port! number: Int! plate: ID! depth: Float! ships: [Ship!]!
        }
        type Port @shareable { code: String! }
        type Ship @key(fields: "imo") { imo: ID! pilots: [Sailor!]! }
        type Sailor @key(fields: "papers { number country { code } }", resolvable: false) { papers: Papers! }
        type Papers @shareable { number: String! country: Country! }
        type Country @shareable { code: String! }
        type Query { berths: [Berth!]! }`,
      dredgers: `${FEDERATION}
        type Berth @key(fields: "plate") { plate: ID! dredged: String }`,
      crew: `${FEDERATION}
        type Sailor @key(fields: "papers { number country { code } }") { papers: Papers! name: String! rank: Rank }
        type Papers @shareable { number: String! country: Country! }
        type Country @shareable { code: String! }
        enum Rank { MATE MASTER }`,
    },
    data: () => {
      const country = (code: string) => ({ code });
      const nia = {
        __typename: 'Sailor',
        papers: { number: 'N-1', country: country('NO') },
        name: 'Nia',
        rank: 'MASTER',
      };
      const tor = { __typename: 'Sailor', papers: { number: 'N-1', country: country('SE') }, name: 'Tor', rank: null };
      const quay = {
        __typename: 'Berth',
        port: { code: 'BGO' },
        number: 3,
        plate: 'b-3',
        depth: 9.5,
        dredged: '2024-05-01',
        ships: (): unknown[] => [aurora, polar],
      };
      const aurora = {
        __typename: 'Ship',
        imo: '9000001',
        name: 'Aurora',
        hull: 7,
        flag: { country: 'NO' },
        berth: quay,
        captain: nia,
        tonnage: 1200.5,
        registeredAs: 'AU',
        pilots: [tor, nia],
      };
      const polar = {
        __typename: 'Ship',
        imo: '9000002',
        name: 'Polar',
        hull: 7,
        flag: { country: 'IS' },
        berth: null,
        captain: tor,
        tonnage: null,
        registeredAs: 'PO',
        pilots: [],
      };
      return {
        rows: [aurora, polar, quay, nia, tor],
        roots: {
          ships: [aurora, polar],
          ship: ({ imo }: { readonly imo: string }) => [aurora, polar].find((ship) => ship.imo === imo) ?? null,
          flagship: aurora,
          registered: ({ country: code }: { readonly country: string }) => [
            ...[aurora, polar].filter(({ flag }) => flag.country === code),
            null,
          ],
          berths: [quay],
        },
      };
    },
  });

  test('a key made of a nested field and a plain one', () =>
    expectSame(graph(), '{ ships { name tonnage registeredAs } }'));

  test('one of two keys, which is never asked for by the client', () =>
    expectSame(graph(), '{ flagship { pilots { name } berth { depth } } }'));

  test('from the subgraph that has only the second key over the one that has both', () =>
    expectSame(graph(), '{ registered(country: "IS") { name pilots { rank } imo berth { plate } } }'));

  test('a key two objects deep, and its parts asked for under the same and other names', () =>
    expectSame(
      graph(),
      '{ flagship { captain { name papers { n: number number country { code c: code __typename } } rank } } }',
    ));

  test('a key that is found only by way of a third subgraph', () =>
    expectSame(graph(), '{ flagship { berth { dredged number } } berths { dredged ships { berth { dredged } } } }'));

  test('a round trip through every subgraph', () =>
    expectSame(
      graph(),
      `{ ships { captain { name } pilots { name papers { country { code } } }
           berth { plate dredged ships { tonnage captain { rank } berth { depth } } } } }`,
    ));

  test('a reference of a subgraph that cannot resolve it', () =>
    expectSame(graph(), '{ berths { ships { pilots { rank name } } } }'));

  test('no row is fetched twice in one request to a subgraph', async () => {
    await expectSame(graph(), '{ ships { berth { depth } captain { name } pilots { name } } }');
    for (const { variables } of graph().host.requests) {
      const sent = Object.values(variables)
        .flat()
        .map((value) => JSON.stringify(value));
      expect(new Set(sent).size).toBe(sent.length);
    }
  });
});

describe('keys of which each subgraph resolves others', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      post: `${FEDERATION}
        type Parcel
          @key(fields: "id")
          @key(fields: "barcode", resolvable: false)
          @key(fields: "lot { year series }", resolvable: false)
          @key(fields: "id lot { series serial }", resolvable: false) {
          id: ID! barcode: ID! lot: Lot! address: String!
        }
        type Lot { year: Int! series: ID! serial: ID! }`,
      routes: `${FEDERATION}
        type Route @key(fields: "id") { id: ID! parcels: [Parcel!]! }
        type Parcel
          @key(fields: "lot { year series }", resolvable: false)
          @key(fields: "id lot { series serial }")
          @key(fields: "barcode", resolvable: false)
          @key(fields: "id", resolvable: false) {
          id: ID! barcode: ID! lot: Lot! address: String! @external label: String! @requires(fields: "address")
        }
        type Lot { year: Int! series: ID! serial: ID! }
        type Query { route: Route }`,
    },
    data: () => {
      const parcel = (id: string, address: string) => ({
        __typename: 'Parcel',
        id,
        barcode: `b-${id}`,
        lot: { year: 2020, series: 'L', serial: `s-${id}` },
        address,
        label(this: { readonly address: string }) {
          return `to ${this.address}`;
        },
      });
      const parcels = [parcel('p1', 'Quay 4'), parcel('p2', 'Mole 1')];
      return { rows: parcels, roots: { route: { __typename: 'Route', id: 'r1', parcels } } };
    },
  });

  test('a required field is brought back by the key that resolves', () =>
    expectSame(graph(), '{ route { id parcels { id address label } } }'));

  test('and so it is when the client asks for the required field under another name, or not at all', async () => {
    await expectSame(graph(), '{ route { parcels { label at: address id: barcode } } }');
    await expectSame(graph(), '{ route { parcels { label } } }');
  });
});

import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { askGateway } from '../harness/answers.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('@interfaceObject', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      vehicles: `${FEDERATION}
        type Query { vehicles: [Vehicle!]! cars: [Car!]! vehicle(id: ID!): Vehicle garage: Garage }
        interface Vehicle @key(fields: "id") { id: ID! wheels: Int! }
        type Car implements Vehicle @key(fields: "id") { id: ID! wheels: Int! doors: Int }
        type Bike implements Vehicle @key(fields: "id") { id: ID! wheels: Int! gears: Int }
        type Garage @key(fields: "id") { id: ID! parked: [Vehicle] }`,
      insurance: `${FEDERATION}
        type Query { insured: [Vehicle!]! }
        type Vehicle @key(fields: "id") @interfaceObject {
          id: ID! wheels: Int! @external premium: Float policy: Policy scrap: Int tariff: String! @requires(fields: "wheels")
        }
        type Policy { number: ID! covers: [Vehicle!]! }`,
      repairs: `${FEDERATION}
        type Vehicle @key(fields: "id") @interfaceObject { id: ID! premium: Float @external repairs(open: Boolean = true): [Repair!] worth: Float @requires(fields: "premium") }
        type Repair @key(fields: "id") { id: ID! part: String! of: Vehicle! }`,
      parts: `${FEDERATION}
        type Repair @key(fields: "id") { id: ID! supplier: String }
        type Bike @key(fields: "id") { id: ID! saddle: String }`,
    },
    data: () => {
      const vehicle = (typename: string, id: string, own: object) => {
        const self: Record<string, unknown> = {
          __typename: typename,
          id,
          premium: Number(id.slice(1)) * 10,
          scrap() {
            if (typename === 'Bike') throw new Error('a bike has no scrap value');
            return 7;
          },
          tariff(this: { readonly wheels: number }) {
            return `T${this.wheels}`;
          },
          worth(this: { readonly premium: number }) {
            return this.premium * 2;
          },
          repairs: ({ open }: { readonly open: boolean }) => (open ? repairs.slice(0, 1) : repairs),
          ...own,
        };
        const repairs = [1, 2].map((each) => ({
          __typename: 'Repair',
          id: `${id}-r${each}`,
          part: `part ${each}`,
          of: self,
          supplier: each === 1 ? null : 'Sup',
        }));
        return { ...self, self, _repairs: repairs };
      };
      const car = vehicle('Car', 'c1', { wheels: 4, doors: 5, policy: { number: 'p1', covers: () => [bike, car] } });
      const bike = vehicle('Bike', 'b2', { wheels: 2, gears: null, saddle: 'leather', policy: null });
      const rows = [car, bike];
      const garage = { __typename: 'Garage', id: 'g', parked: [bike, null, car] };
      return {
        rows: [...rows, garage, ...rows.flatMap(({ _repairs }) => _repairs)] as never,
        roots: {
          vehicles: rows,
          cars: [car],
          insured: rows,
          garage,
          vehicle: ({ id }: { readonly id: string }) => rows.find((row) => (row as { id?: string }).id === id) ?? null,
        },
      };
    },
  });

  test('fields that another subgraph adds to every implementation', () =>
    expectSame(graph(), '{ vehicles { id premium wheels } cars { premium doors policy { number } } }'));

  test('its subgraph does not know the types; others tell them', () =>
    expectSame(graph(), '{ insured { __typename id premium ... on Car { doors } ... on Bike { gears saddle } } }'));

  test('fields of the interface only', () => expectSame(graph(), '{ insured { premium id } }'));

  test('@requires on it', () =>
    expectSame(graph(), '{ insured { tariff worth } vehicles { tariff worth w: wheels wheels: premium } }'));

  test('from one interface object to another', () =>
    expectSame(
      graph(),
      '{ insured { repairs { part supplier of { __typename wheels premium } } policy { covers { id ... on Bike { gears } } } } }',
    ));

  test('with arguments, defaults and type conditions on fields that it adds', () =>
    expectSame(
      graph(),
      `query ($open: Boolean) {
         garage { parked {
           ... on Car { some: repairs(open: $open) { id } premium }
           ... on Vehicle { all: repairs(open: false) { part } repairs { part } }
         } }
       }`,
      { open: false },
    ));

  test('what one type alone requires is no hindrance to the others', () =>
    expectSame(graph(), '{ vehicles { ... on Bike { tariff worth } premium policy { number } } }'));

  test('fails for a type on which it is not selected: nobody is told', () =>
    expectSame(graph(), '{ vehicles { ... on Car { scrap premium } ... on Bike { s: premium } } }'));

  test('fails for a type on which it is selected', async () => {
    const { errors } = await expectSameAnswer(
      graph(),
      '{ vehicles { ... on Bike { scrap id } ... on Car { s: scrap } } }',
    );
    expect(errors).toHaveLength(1);
  });

  test('a type condition alone', () => expectSame(graph(), '{ insured { ... on Bike { id saddle worth } } }'));

  test('nobody', () => expectSame(graph(), '{ vehicle(id: "none") { premium tariff repairs { id } } }'));
});

describe('an interface object whose implementations nobody can tell', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      shapes: `${FEDERATION}
        type Query { shape: Shape figure: Figure! }
        interface Shape { id: ID! }
        interface Figure @key(fields: "id") { id: ID! }
        type Disc implements Figure @key(fields: "id") { id: ID! }
        type Cube implements Figure @key(fields: "id") { id: ID! }`,
      colours: `${FEDERATION}
        type Query { coloured: Shape }
        type Shape @interfaceObject @key(fields: "id", resolvable: false) { id: ID! colour: String }
        type Figure @interfaceObject @key(fields: "id") { id: ID! name: String }`,
    },
    data: () => ({
      rows: [{ __typename: 'Disc', id: 'd1', name: 'Disc one' }],
      roots: {
        shape: null,
        coloured: { id: 's1', colour: 'red' },
        figure: { __typename: 'Disc', id: 'd1', name: 'Disc one' },
      },
    }),
  });

  test('answers what its own subgraph knows', async () => {
    const { data, errors } = await askGateway(graph(), '{ coloured { id colour } }');
    expect({ data, errors }).toEqual({ data: '{"coloured":{"id":"s1","colour":"red"}}', errors: [] });
  });

  test('is an error, and no silent null, where there is no way to a field', async () => {
    const { data, errors } = await askGateway(graph(), '{ shape { colour } }');
    expect(data ?? 'null').toBe('null');
    expect(errors).not.toEqual([]);
  });

  test('is found by its key', () => expectSame(graph(), '{ figure { id name ... on Disc { name id } } }'));
});

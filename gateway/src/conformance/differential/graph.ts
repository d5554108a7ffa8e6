import { read } from '../harness/data.js';
import type { GraphData, Row } from '../harness/data.js';
import { FEDERATION } from '../harness/federation.js';

/** A railway in five subgraphs: every way in which federation splits a graph is in it somewhere. */
export const RAILWAY: Readonly<Record<string, string>> = {
  network: `${FEDERATION}
    scalar JSON
    type Query {
      trains(first: Int = 3, kinds: [Kind!]): [Train!]!
      train(id: ID!): Train
      station(code: String = "S1"): Station!
      stations: [Station]
      nodes: [Node]
      places: [[Place]!]
      cars: [Car!]
      echo(value: JSON, kind: Kind = FAST, filter: Filter = { max: 2, tags: ["a"] }): JSON
      notice: Notice @shareable
    }
    type Mutation {
      rename(id: ID!, name: String = "new"): Train
      close(code: String!): Station!
    }
    enum Kind { FAST SLOW NIGHT }
    input Filter { max: Int! = 3 min: Int tags: [String!] kind: Kind inner: Filter }
    interface Node { id: ID! }
    interface Place { name: String! near: [Place] }
    type Train implements Node @key(fields: "id") @key(fields: "code { area number }") {
      id: ID! code: Code! name: String kind: Kind length: Int weight(unit: String = "t"): Float
      cars: [Car!]! route: [Station!] driver: Person next: Train shaky: String firm: Firm
    }
    type Code @shareable { area: String! number: Int! }
    type Firm { sure: Int! maybe: Int deep: Firm firmer: Firm! }
    type Station implements Node & Place @key(fields: "code") {
      id: ID! code: String! name: String! near: [Place] trains(kind: Kind): [Train]
    }
    type Halt implements Place { name: String! near: [Place] sign: String }
    interface Car @key(fields: "id") { id: ID! seats: Int }
    type Wagon implements Car @key(fields: "id") { id: ID! seats: Int load: Float }
    type Sleeper implements Car @key(fields: "id") { id: ID! seats: Int beds: Int! }
    type Person @key(fields: "id", resolvable: false) { id: ID! }
    type Notice @shareable { text: String }`,

  people: `${FEDERATION}
    type Query {
      people(oldest: Boolean): [Person!]!
      owner(of: ID): Owner
      owners: [Owner]
      notice: Notice @shareable
    }
    type Mutation { hire(name: String!, pay: Float): Person }
    interface Node { id: ID! }
    enum Currency { EUR NOK }
    type Person implements Node @key(fields: "id") @key(fields: "email") {
      id: ID! email: String! name: String! @shareable age: Int boss: Person team: [Person!]
      pay(currency: Currency! = EUR, factor: Float = 1.5): Float trains: [Train!]! shaky: String
    }
    type Company @key(fields: "name") { name: String! staff: [Person!] owner: Owner }
    union Owner = Person | Company
    type Train @key(fields: "id") { id: ID! crew: [Person] owner: Owner }
    type Notice @shareable { until: Int text: String }`,

  prices: `${FEDERATION}
    type Query { cheapest: Train tariffs: [Tariff!] }
    enum Currency { EUR NOK }
    type Code @shareable { area: String! number: Int! }
    type Tariff { name: String! train: Train money: Money! }
    type Money { amount: Float! currency: Currency note: String! }
    type Train @key(fields: "code { area number }") {
      code: Code! length: Int @external weight(unit: String = "t"): Float @external
      price(currency: Currency! = EUR, round: Boolean): Float @requires(fields: "length weight(unit: \\"kg\\")")
      class: String! @requires(fields: "length")
      money: [Money]
    }
    type Car @key(fields: "id") @interfaceObject {
      id: ID! seats: Int @external upkeep: Float @requires(fields: "seats") tag: String cost: Money
    }
    type Person @key(fields: "email") { email: String! age: Int @external bonus: Float @requires(fields: "age") }`,

  reviews: `${FEDERATION}
    type Query { reviews(first: Int! = 3): [Review!]! review(id: ID!): Review subjects: [Subject] }
    union Subject = Train | Station | Person
    type Train @key(fields: "id") { id: ID! reviews(first: Int = 2): [Review!]! rating: Float }
    type Station @key(fields: "code") { code: String! reviews: [Review] }
    type Person @key(fields: "id") { id: ID! name: String! @external reviews: [Review!] }
    type Review @key(fields: "id") { id: ID! stars: Int! text: String subject: Subject author: Person @provides(fields: "name") shaky: Int! }`,

  goods: `${FEDERATION}
    scalar JSON
    type Query { goods: [Good!] }
    interface Good { label: String! weight: Float }
    interface Node { id: ID! }
    type Crate implements Good & Node @key(fields: "id") { id: ID! label: String! weight: Float packed: [[Good]!] in: Wagon meta: JSON }
    type Fluid implements Good { label: String! weight: Float litres: Int }
    type Wagon @key(fields: "id") { id: ID! goods: [Good] grid: [[Crate]] }
    type Company @key(fields: "name") { name: String! ships: [Good!] }`,
};

const fail = (message: string) => (): never => {
  throw new Error(message);
};

/** The railway's data: with nulls, failures and circles in it. Nothing of it changes. */
export function railwayData(): GraphData {
  const row = (own: Row): Row => own;
  const people = [1, 2, 3].map((n) =>
    row({
      __typename: 'Person',
      id: `P${n}`,
      email: `p${n}@rail`,
      name: `Person ${n}`,
      age: n === 2 ? null : n * 20,
      boss: () => (n === 1 ? null : people[0]),
      team: () => (n === 1 ? [people[1], people[2]] : n === 2 ? [] : null),
      pay: ({ currency, factor }: { readonly currency: string; readonly factor?: number | null }) =>
        n === 3 ? null : n * (currency === 'NOK' ? 11 : 1) * (factor ?? 1),
      trains: () => trains.slice(0, n),
      shaky: n === 2 ? fail('shaky person') : `steady ${n}`,
      bonus(this: { readonly age: number | null }) {
        return this.age === null ? null : this.age / 8;
      },
      reviews: () => (n === 3 ? null : reviews.slice(0, n)),
    }),
  );
  const companies = ['Orbit', 'Fjord'].map((name, index) =>
    row({
      __typename: 'Company',
      name,
      staff: () => (index === 0 ? people.slice(1) : null),
      owner: () => (index === 0 ? people[0] : companies[0]),
      ships: () => (index === 0 ? [crates[0], fluid] : []),
    }),
  );
  const firm = (depth: number): Row => ({
    sure: depth === 2 ? fail('not sure') : depth,
    maybe: depth === 1 ? fail('maybe not') : null,
    deep: () => (depth > 3 ? null : firm(depth + 1)),
    firmer: () => (depth > 1 ? null : firm(depth + 3)),
  });
  const cars = [1, 2, 3, 4].map((n) =>
    row({
      __typename: n % 2 === 0 ? 'Sleeper' : 'Wagon',
      id: `C${n}`,
      seats: n === 3 ? null : n * 8,
      ...(n % 2 === 0 ? { beds: n === 4 ? fail('no beds') : n } : { load: n + 0.25 }),
      ...(n % 2 === 1 && {
        goods: () => [crates[0], null, fluid],
        grid: () => (n === 1 ? [[crates[0], null], null, []] : null),
      }),
      upkeep(this: { readonly seats: number | null }) {
        return this.seats === null ? null : this.seats * 0.5;
      },
      tag: n === 2 ? fail('no tag') : `tag ${n}`,
      cost: n === 1 ? { amount: 5, currency: null, note: fail('no note') } : { amount: n, currency: 'NOK', note: '' },
    }),
  );
  const trains = [1, 2, 3, 4].map((n) =>
    row({
      __typename: 'Train',
      id: `T${n}`,
      code: { area: n > 2 ? 'B' : 'A', number: n },
      name: n === 3 ? null : `Train "${n}" \u{1f686}`,
      kind: n === 4 ? null : ['FAST', 'SLOW', 'NIGHT'][n - 1],
      length: n === 2 ? null : n * 100,
      weight: ({ unit }: { readonly unit?: string | null }) => (n === 3 ? null : n * (unit === 'kg' ? 1000 : 1)),
      cars: () => cars.slice(0, n),
      route: () => (n === 4 ? null : stations.slice(0, n)),
      driver: () => (n === 1 ? null : people[n % 3]),
      next: () => trains[n] ?? null,
      shaky: n === 1 ? fail('shaky train') : `${n}`,
      firm: n === 2 ? null : firm(n - 1),
      crew: () => [people[0], null, people[n % 3]],
      owner: () => (n === 3 ? null : n === 1 ? people[0] : companies[n % 2]),
      price(this: object, { currency, round }: { readonly currency: string; readonly round?: boolean | null }) {
        const length = read(this, 'length') as number | null;
        const price =
          (length ?? 1) * Number(read(this, 'weight', { unit: 'kg' }) ?? 7) * (currency === 'NOK' ? 11.5 : 1);
        return round === true ? Math.round(price) : price;
      },
      class(this: object) {
        return `class of ${String(read(this, 'length'))}`;
      },
      money:
        n === 1
          ? [
              { amount: 1.5, currency: 'EUR', note: 'ok' },
              null,
              { amount: fail('no amount'), currency: 'EUR', note: '' },
            ]
          : [],
      reviews: ({ first }: { readonly first?: number | null }) => reviews.slice(0, Math.max(0, first ?? 1)),
      rating: n === 2 ? null : n + 0.5,
    }),
  );
  const halt = row({ __typename: 'Halt', name: 'Halt', near: () => [stations[0], null], sign: null });
  const stations = [1, 2, 3].map((n) =>
    row({
      __typename: 'Station',
      id: `I${n}`,
      code: `S${n}`,
      name: `Station ${n}`,
      near: () => (n === 1 ? [halt, stations[1]] : n === 2 ? null : []),
      trains: ({ kind }: { readonly kind?: string | null }) => [
        ...trains.filter((train) => kind === undefined || kind === null || train['kind'] === kind),
        null,
      ],
      reviews: () => (n === 2 ? [reviews[1], null] : null),
    }),
  );
  const reviews = [1, 2, 3].map((n) =>
    row({
      __typename: 'Review',
      id: `R${n}`,
      stars: n,
      text: n === 1 ? null : `text\n${n}`,
      subject: () => [trains[0], stations[1], null][n - 1],
      author: () => (n === 3 ? null : people[n]),
      shaky: n === 2 ? fail('shaky review') : n,
    }),
  );
  const fluid = row({ __typename: 'Fluid', label: 'milk', weight: null, litres: 40 });
  const crates = [1, 2].map((n) =>
    row({
      __typename: 'Crate',
      id: `K${n}`,
      label: `crate ${n}`,
      weight: n === 2 ? fail('no weight') : 2.5,
      packed: () => (n === 1 ? [[crates[1], null], [], [fluid]] : null),
      in: () => (n === 1 ? cars[0] : null),
      meta: n === 1 ? { a: [1, null, { b: true }], __typename: 'x', z: '' } : null,
    }),
  );
  const byField = (rows: readonly Row[], field: string) => (args: Row) =>
    rows.find((each) => each[field] === args[field]) ?? null;
  return {
    rows: [...people, ...companies, ...cars, ...trains, ...stations, ...reviews, ...crates],
    roots: {
      trains: ({ first, kinds }: { readonly first?: number | null; readonly kinds?: readonly string[] | null }) =>
        trains.filter((train) => kinds?.includes(String(train['kind'])) ?? true).slice(0, Math.max(0, first ?? 4)),
      train: byField(trains, 'id'),
      station: byField(stations, 'code'),
      stations: [stations[0], null, stations[2]],
      nodes: [trains[1], stations[0], people[1], null, crates[0]].filter(
        (each) => each !== people[1] && each !== crates[0],
      ),
      places: [[halt, null, stations[0]], [], [stations[1]]],
      cars,
      echo: (args: object) => ({ ...args }),
      notice: { text: 'mind', until: 5 },
      people: ({ oldest }: { readonly oldest?: boolean | null }) => (oldest === true ? [people[2]] : people),
      owner: ({ of }: { readonly of?: string | null }) => (of === 'T1' ? people[0] : companies[0]),
      owners: [people[2], null, ...companies],
      cheapest: trains[2],
      tariffs: [
        { name: 'day', train: trains[0], money: { amount: 2, currency: 'EUR', note: 'x' } },
        { name: 'night', train: null, money: { amount: 3.75, currency: null, note: 'y' } },
      ],
      reviews: ({ first }: { readonly first: number }) => reviews.slice(0, Math.max(0, first)),
      review: byField(reviews, 'id'),
      subjects: [trains[3], null, people[0], stations[2]],
      goods: [crates[0], fluid, crates[1]],
      rename: ({ id, name }: { readonly id: string; readonly name?: string | null }) => {
        const train = trains.find((each) => each['id'] === id);
        return train === undefined ? null : { ...train, name };
      },
      close: byField(stations, 'code'),
      hire: ({ name, pay }: { readonly name: string; readonly pay?: number | null }) => {
        if ((pay ?? 0) > 100) throw new Error('too dear');
        return people.find((each) => each['name'] === name) ?? people[0];
      },
    },
  };
}

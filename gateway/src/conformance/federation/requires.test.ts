import { read } from '../harness/data.js';
import type { Row } from '../harness/data.js';
import { expectSame } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('@requires', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      goods: `${FEDERATION}
        type Query { crates: [Crate!]! crate(id: ID!): Crate }
        type Crate @key(fields: "id") {
          id: ID! weight: Int volume: Float size: Size! content: Content seals: [Seal!]! fragile: Boolean
        }
        type Size { width: Int! height: Int depth: Depth }
        type Depth { outer: Int inner: Int }
        type Seal { code: String! strength: Int }
        interface Content { label: String! }
        type Fluid implements Content { label: String! litres: Float! }
        type Solid implements Content { label: String! grain: Grain! }
        type Grain { microns: Int! }`,
      freight: `${FEDERATION}
        type Query { shipment: Shipment! }
        type Shipment { crates: [Crate!]! }
        type Crate @key(fields: "id") {
          id: ID!
          weight: Int @external
          volume: Float @external
          size: Size! @external
          content: Content @external
          seals: [Seal!]! @external
          cost: Float @requires(fields: "weight")
          density: Float! @requires(fields: "weight volume")
          footprint: Int @requires(fields: "size { width height depth { inner } }")
          sealing: Int! @requires(fields: "seals { strength }")
          handling: String @requires(fields: "content { label ... on Fluid { litres } ... on Solid { grain { microns } } }")
          quote: Quote @requires(fields: "weight size { width }")
        }
        type Size @external { width: Int! height: Int depth: Depth }
        type Depth @external { inner: Int }
        type Seal @external { strength: Int }
        interface Content { label: String! }
        type Fluid implements Content @external { label: String! litres: Float! }
        type Solid implements Content @external { label: String! grain: Grain! }
        type Grain @external { microns: Int! }
        type Quote { price: Float! crate: Crate! }`,
      customs: `${FEDERATION}
        type Crate @key(fields: "id") {
          id: ID! cost: Float @external density: Float! @external
          duty: Float @requires(fields: "cost")
          class: String! @requires(fields: "density cost")
        }`,
      ledger: `${FEDERATION}
        type Crate @key(fields: "id") {
          id: ID! duty: Float @external cost: Float @external total: Float @requires(fields: "duty cost")
        }`,
    },
    data: () => {
      const crate = (id: string, own: object) => ({
        __typename: 'Crate',
        id,
        fragile: null,
        cost(this: { readonly weight: number | null }) {
          return this.weight === null ? null : this.weight * 1.5;
        },
        density(this: { readonly weight: number | null; readonly volume: number | null }) {
          return (this.weight ?? 0) / (this.volume ?? 1);
        },
        footprint(this: { readonly size: { width: number; height: number | null; depth: { inner: number } | null } }) {
          const { width, height, depth } = this.size;
          return width * (height ?? 1) * (depth?.inner ?? 1);
        },
        sealing(this: { readonly seals: readonly { readonly strength: number | null }[] }) {
          return this.seals.reduce((sum, { strength }) => sum + (strength ?? 0), 0);
        },
        handling(this: { readonly content: { label: string; litres?: number; grain?: { microns: number } } | null }) {
          if (this.content === null) return null;
          const { label, litres, grain } = this.content;
          return `${label}:${litres ?? grain?.microns ?? 'unknown'}`;
        },
        quote(this: { readonly weight: number | null; readonly size: { readonly width: number } }) {
          return { price: (this.weight ?? 0) + this.size.width, crate: this };
        },
        duty(this: object) {
          const cost = read(this, 'cost') as number | null;
          return cost === null ? null : cost / 10;
        },
        class(this: object) {
          return `${String(read(this, 'density'))}/${String(read(this, 'cost'))}`;
        },
        total(this: object) {
          return Number(read(this, 'duty')) + Number(read(this, 'cost'));
        },
        ...own,
      });
      const crates = [
        crate('1', {
          weight: 10,
          volume: 4,
          size: { width: 2, height: 3, depth: { inner: 4, outer: 5 } },
          seals: [
            { code: 'a', strength: 2 },
            { code: 'b', strength: null },
          ],
          content: { __typename: 'Fluid', label: 'oil', litres: 2.5 },
        }),
        crate('2', {
          weight: null,
          volume: null,
          size: { width: 1, height: null, depth: null },
          seals: [],
          content: { __typename: 'Solid', label: 'sand', grain: { microns: 60 } },
        }),
        crate('3', { weight: 0, volume: 2, size: { width: 9, height: 0, depth: null }, seals: [], content: null }),
      ];
      return {
        rows: crates,
        roots: {
          crates,
          crate: ({ id }: { readonly id: string }) => crates.find((each) => each.id === id) ?? null,
          shipment: { crates },
        },
      };
    },
  });

  test('one field, from the subgraph that owns it', () => expectSame(graph(), '{ crates { cost } }'));

  test('from the subgraph that requires it, which has to go out and come back', () =>
    expectSame(graph(), '{ shipment { crates { id cost weight } } }'));

  test('null counts as a value', () => expectSame(graph(), '{ crate(id: "2") { cost density footprint duty } }'));

  test('nested objects and lists', () =>
    expectSame(graph(), '{ crates { footprint sealing size { depth { outer } } } }'));

  test('fragments on an interface', () => expectSame(graph(), '{ shipment { crates { handling } } }'));

  test('chained over three subgraphs', () => expectSame(graph(), '{ shipment { crates { total duty class } } }'));

  test('everything at once, required fields under other names', () =>
    expectSame(
      graph(),
      `{ crates { weight: volume w: weight cost: id c: cost total size: sealing s: size { width: height depth { inner: outer } }
           content: handling footprint quote { price crate { total } } } }`,
    ));

  test('a required object of which the client wants other parts in a fragment', () =>
    expectSame(
      graph(),
      `{ crates { handling content { __typename ... on Solid { grain { m: microns } } ... on Fluid { label: litres } } } }`,
    ));
});

describe('@requires of fields with arguments', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      threads: `${FEDERATION}
        type Query { threads: [Thread!]! }
        type Thread @key(fields: "id") {
          id: ID! replies(first: Int!, by: Voice): [Reply!]! price(currency: String!): Int weight: Int! board: Board! copies: [Thread!]
        }
        type Board { rate(currency: String!, scale: Int = 2): Float }
        type Reply @key(fields: "id") { id: ID! text: String! }
        enum Voice { LOUD QUIET }`,
      digests: `${FEDERATION}
        type Query { digest: [Thread!]! }
        type Thread @key(fields: "id") {
          id: ID!
          replies(first: Int!, by: Voice): [Reply!]! @external
          price(currency: String!): Int @external
          weight: Int! @external
          board: Board! @external
          copies: [Thread!] @external
          echoes: Int @requires(fields: "copies { replies(first: 50) { id } weight }")
          summary: String! @requires(fields: "replies(first: 3) { text }")
          loudest: [Reply!]! @requires(fields: "replies(first: 2, by: LOUD) { id }")
          feeUsd: Int @requires(fields: "price(currency: \\"USD\\") weight")
          feeEur: Int @requires(fields: "price(currency: \\"EUR\\") weight")
          rateUsd: Float @requires(fields: "board { rate(currency: \\"USD\\") }")
          rateEur: Float @requires(fields: "board { rate(currency: \\"EUR\\", scale: 3) }")
        }
        type Board @external { rate(currency: String!, scale: Int = 2): Float }
        type Reply @key(fields: "id") { id: ID! text: String! @external stars: Int! }
        enum Voice { LOUD QUIET }`,
    },
    data: () => {
      const reply = (id: number) => ({ __typename: 'Reply', id: `r${id}`, text: `text ${id}`, stars: id });
      const thread = (id: number): Row & { readonly _replies: readonly Row[] } => {
        const replies = [1, 2, 3, 4].map((each) => reply(id * 10 + each));
        return {
          __typename: 'Thread',
          id: `t${id}`,
          replies: ({ first, by }: { readonly first: number; readonly by?: string | null }) =>
            (by === 'LOUD' ? replies.toReversed() : replies).slice(0, first),
          price: ({ currency }: { readonly currency: string }) => (currency === 'EUR' ? id * 3 : id * 2),
          weight: id + 5,
          board: {
            rate: ({ currency, scale }: { readonly currency: string; readonly scale: number }) =>
              currency.length + scale * 10 + currency.charCodeAt(0) / 4,
          },
          _replies: replies,
          summary(this: object) {
            return (read(this, 'replies', { first: 3 }) as { readonly text: string }[]).map(({ text }) => text).join();
          },
          loudest(this: object) {
            const sent = read(this, 'replies', { first: 2, by: 'LOUD' }) as { readonly id: string }[];
            return sent.map(({ id: own }) => replies.find((each) => each.id === own));
          },
          feeUsd(this: { readonly weight: number }) {
            return this.weight * Number(read(this, 'price', { currency: 'USD' }));
          },
          feeEur(this: { readonly weight: number }) {
            return this.weight * Number(read(this, 'price', { currency: 'EUR' }));
          },
          copies: () => (id === 1 ? [threads[1], threads[0]] : null),
          echoes(this: object) {
            const copies = read(this, 'copies') as readonly { readonly weight: number }[] | null;
            return copies?.reduce(
              (sum, copy) => sum * 10 + copy.weight + (read(copy, 'replies', { first: 50 }) as unknown[]).length,
              0,
            );
          },
          rateUsd(this: { readonly board: object }) {
            return read(this.board, 'rate', { currency: 'USD', scale: 2 });
          },
          rateEur(this: { readonly board: object }) {
            return read(this.board, 'rate', { currency: 'EUR', scale: 3 });
          },
        };
      };
      const threads = [thread(1), thread(2)];
      return {
        rows: [...threads, ...threads.flatMap(({ _replies }) => _replies)],
        roots: { threads, digest: threads },
      };
    },
  });

  test('the argument of the field set', () => expectSame(graph(), '{ threads { id summary } digest { summary } }'));

  test('beside the same field with another argument of the client', () =>
    expectSame(graph(), '{ threads { replies(first: 1) { id text } summary } }'));

  test('the same with a variable', () =>
    expectSame(graph(), 'query ($n: Int!) { digest { replies(first: $n) { id } summary } }', { n: 4 }));

  test('the same in two fragments', () =>
    expectSame(
      graph(),
      `{ threads { ...A ...B } }
       fragment A on Thread { replies(first: 1) { id } summary }
       fragment B on Thread { replies(first: 1) { text stars } summary }`,
    ));

  test('two fields that require the same field with different arguments', () =>
    expectSame(graph(), '{ threads { id feeUsd feeEur } digest { feeEur feeUsd } }'));

  test('and the client asks for a third', () =>
    expectSame(
      graph(),
      '{ digest { feeUsd feeEur price(currency: "X") p: price(currency: "EUR") summary loudest { stars text } } }',
    ));

  test('below an object that is required', () =>
    expectSame(graph(), '{ threads { rateUsd rateEur board { rate(currency: "ABCDE") } } }'));

  test('below a list of entities that is required', () =>
    expectSame(
      graph(),
      '{ digest { echoes replies(first: 1) { id } copies { echoes replies(first: 2) { stars } } } threads { echoes } }',
    ));

  test('all of them at once', () =>
    expectSame(graph(), '{ digest { echoes rateEur feeEur summary loudest { id stars } feeUsd rateUsd } }'));
});

describe('@requires in circles', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      posts: `${FEDERATION}
        type Query { posts: [Post!]! }
        type Post @key(fields: "id") {
          id: ID! author: Author! byGuest: Boolean! @external byExpert: Boolean! @requires(fields: "byGuest")
        }
        type Author @key(fields: "id") { id: ID! }`,
      authors: `${FEDERATION}
        type Post @key(fields: "id") {
          id: ID! author: Author! @external byGuest: Boolean! @requires(fields: "author { guest years }")
        }
        type Author @key(fields: "id") { id: ID! guest: Boolean! years: Int! }`,
    },
    data: () => {
      const author = (id: string, guest: boolean) => ({ __typename: 'Author', id, guest, years: 3 });
      const post = (id: string, of: ReturnType<typeof author>) => ({
        __typename: 'Post',
        id,
        author: of,
        byGuest(this: { readonly author: { readonly guest: boolean; readonly years: number } }) {
          return this.author.guest && this.author.years < 5;
        },
        byExpert(this: object) {
          return read(this, 'byGuest') !== true;
        },
      });
      const authors = [author('a', true), author('b', false)] as const;
      const posts = [post('1', authors[0]), post('2', authors[1])];
      return { rows: [...authors, ...posts], roots: { posts } };
    },
  });

  test('one field needs the other subgraph, which needs the first again', () =>
    expectSame(graph(), '{ posts { byExpert } }'));

  test('both ends and the middle', () => expectSame(graph(), '{ posts { byExpert byGuest author { years id } } }'));
});

describe('@requires on an interface and its children', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      stays: `${FEDERATION}
        type Query { stay(id: ID!): Stay stays: [Stay] }
        interface Stay @key(fields: "id") { id: ID! place: Place }
        type Hotel implements Stay @key(fields: "id") { id: ID! place: Place stars: Int }
        type Camp implements Stay @key(fields: "id") { id: ID! place: Place }
        interface Place { zone: String! }
        type Town implements Place { zone: String! name: String! }
        type Field implements Place { zone: String! row: Int! }`,
      taxes: `${FEDERATION}
        type Hotel @key(fields: "id") {
          id: ID! place: Place @external stars: Int @external
          tax: Float @requires(fields: "stars place { zone ... on Town { name } ... on Field { row } }")
        }
        type Camp @key(fields: "id") { id: ID! place: Place @external tax: Float @requires(fields: "place { zone }") }
        interface Place { zone: String! }
        type Town implements Place @external { zone: String! name: String! }
        type Field implements Place @external { zone: String! row: Int! }`,
    },
    data: () => {
      type Place = { readonly zone: string; readonly name?: string; readonly row?: number };
      const hotel = (id: string, place: Place | null, stars: number | null) => ({
        __typename: 'Hotel',
        id,
        place,
        stars,
        tax(this: { readonly place: Place | null; readonly stars: number | null }) {
          return this.place === null ? null : (this.stars ?? 1) * (this.place.name?.length ?? this.place.row ?? 0);
        },
      });
      const town = { __typename: 'Town', zone: 'z1', name: 'Bergen' };
      const stays = [
        hotel('h1', town, 4),
        hotel('h2', { __typename: 'Field', zone: 'z22', row: 7 } as Place, null),
        hotel('h3', null, 1),
        {
          __typename: 'Camp',
          id: 'c1',
          place: town,
          tax(this: { readonly place: Place }) {
            return this.place.zone.length;
          },
        },
        null,
      ];
      return {
        rows: stays.filter((stay) => stay !== null),
        roots: { stays, stay: ({ id }: { readonly id: string }) => stays.find((stay) => stay?.id === id) ?? null },
      };
    },
  });

  test('through the interface', () => expectSame(graph(), '{ stays { id ... on Hotel { tax } ... on Camp { tax } } }'));

  test('with the required parts asked for in part', () =>
    expectSame(
      graph(),
      `{ stays { __typename place { __typename ... on Field { row } } ... on Camp { t: tax } ... on Hotel { tax place { zone } } }
         stay(id: "h2") { ... on Hotel { tax: stars t: tax } } }`,
    ));
});

import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('unions whose members differ from subgraph to subgraph', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      press: `${FEDERATION}
        type Query { media: Media! @shareable news: Print shelf: Shelf }
        union Media = Tome | Film
        union Print = Tome | Paper
        type Tome @key(fields: "id") { id: ID! title: String! @shareable pages: Int press: Print @shareable }
        type Film { title: String! @shareable }
        type Paper @key(fields: "id") { id: ID! title: String! @shareable issue: Int }
        type Shelf @key(fields: "id") { id: ID! front: Media @shareable top: Print @shareable }`,
      cinema: `${FEDERATION}
        type Query { media: Media! @shareable watchable: Media }
        union Media = Film | Tome | Reel
        type Film { title: String! @shareable }
        type Tome @key(fields: "id") { id: ID! title: String! @shareable }
        type Reel @key(fields: "id") { id: ID! title: String! @shareable metres: Int }
        type Shelf @key(fields: "id") { id: ID! reels: [Media] }`,
      stores: `${FEDERATION}
        type Query { offers: [Offer] }
        union Offer = Tome | Reel | Voucher
        interface Priced { price: Float }
        type Tome implements Priced @key(fields: "id") { id: ID! price: Float }
        type Reel implements Priced @key(fields: "id") { id: ID! price: Float }
        type Voucher implements Priced { price: Float code: String! }
        type Shelf @key(fields: "id") { id: ID! top: Print @shareable }
        union Print = Tome`,
    },
    data: () => {
      const tome: Record<string, unknown> = {
        __typename: 'Tome',
        id: 't1',
        title: 'Tome',
        pages: 300,
        price: 9.5,
        press: () => paper,
      };
      const paper = { __typename: 'Paper', id: 'p1', title: 'Paper', issue: null };
      const reel = { __typename: 'Reel', id: 'r1', title: 'Reel', metres: 120, price: null };
      const film = { __typename: 'Film', title: 'Film' };
      const shelf = { __typename: 'Shelf', id: 's1', front: tome, top: tome, reels: [reel, null, film, tome] };
      return {
        rows: [tome, paper, reel, shelf],
        roots: {
          media: tome,
          news: paper,
          shelf,
          watchable: reel,
          offers: [{ __typename: 'Voucher', price: 1, code: 'v' }, tome, null, reel, tome],
        },
      };
    },
  });

  test('a shared root field, conditions on members that only one of its subgraphs knows', () =>
    expectSame(
      graph(),
      '{ media { __typename ... on Tome { pages title price } ... on Film { title } ... on Reel { metres } } }',
    ));

  test('members that only the subgraph knows', () =>
    expectSame(
      graph(),
      '{ watchable { ... on Reel { metres price title } ... on Film { t: title } } news { ... on Paper { issue } __typename } }',
    ));

  test('a condition that no member of the subgraph can meet gives an empty object', () =>
    expectSame(graph(), '{ media { ... on Reel { metres } } news { ... on Tome { title } } }'));

  test('an interface as the condition', () =>
    expectSame(
      graph(),
      '{ offers { __typename ... on Priced { price } ... on Voucher { c: code } ... on Tome { title } ... on Reel { metres } } }',
    ));

  test('unions below entities', () =>
    expectSame(
      graph(),
      `{ shelf { front { ... on Tome { pages press { ... on Paper { issue title } __typename } } }
           top { ... on Tome { price pages } } reels { __typename ... on Reel { price } ... on Tome { pages } ... on Film { title } } } }`,
    ));

  test('__typename only, under any name', () =>
    expectSame(
      graph(),
      '{ __typename t: __typename media { id: __typename } offers { __typename a: __typename } shelf { __typename top { price: __typename } } }',
    ));

  test('fields under names that are others elsewhere', () =>
    expectSame(
      graph(),
      '{ offers { ... on Tome { price: title title: id } ... on Voucher { t: code } ... on Reel { price: title t: title } } }',
    ));
});

describe('a value of a type that the union of the whole does not have', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      one: `${FEDERATION}
        type Query { thing: Thing things: [Thing] must: Thing! }
        union Thing = Nut
        type Nut { size: Int }
        type Bolt { size: Int }`,
    },
    data: () => {
      const bolt = { __typename: 'Bolt', size: 1 };
      return {
        rows: [],
        roots: { thing: bolt, things: [bolt, { __typename: 'Nut', size: 2 }], must: { __typename: 'Nut' } },
      };
    },
  });

  test('is a null and an error', () =>
    expectSameAnswer(graph(), '{ thing { __typename } things { ... on Nut { size } } must { __typename } }'));
});

describe('a shared object whose union has other members in each subgraph', () => {
  const note = { __typename: 'Note', text: 'n' };
  const sketch = { __typename: 'Sketch', lines: 3 };
  const stamp = { __typename: 'Stamp', inked: true };
  const album = (...items: readonly object[]) => ({
    __typename: 'Album',
    id: 'al1',
    sheet: { items },
    back: { items },
  });
  const drawn = album(note, sketch);
  const stamped = album(note, stamp);
  const graph = useFederatedGraph({
    subgraphs: {
      drawings: {
        sdl: `${FEDERATION}
          type Query { drawn: Album common: Album @shareable pick: Item }
          type Album @key(fields: "id") { id: ID! sheet: Sheet @shareable }
          type Sheet @shareable { items: [Item!]! }
          union Item = Note | Sketch
          type Note @shareable { text: String }
          type Sketch { lines: Int }`,
        data: () => ({ rows: [drawn], roots: { drawn, common: album(note), pick: sketch } }),
      },
      stamps: {
        sdl: `${FEDERATION}
          type Query { stamped: Album common: Album @shareable }
          type Album @key(fields: "id") { id: ID! sheet: Sheet @shareable back: Sheet }
          type Sheet @shareable { items: [Item!]! }
          union Item = Note | Stamp
          type Note @shareable { text: String }
          type Stamp { inked: Boolean }`,
        data: () => ({ rows: [stamped], roots: { stamped, common: album(note) } }),
      },
    },
    data: () => ({
      rows: [],
      roots: { drawn: { ...drawn, back: stamped.back }, stamped, common: album(note), pick: sketch },
    }),
  });

  const ITEMS = 'items { __typename ... on Note { text } ... on Sketch { lines } ... on Stamp { inked } }';

  test('members that the answering subgraph knows are asked for, whatever the others know', async () => {
    await expectSame(graph(), `{ drawn { sheet { ${ITEMS} } } }`);
    await expectSame(graph(), `{ stamped { sheet { ${ITEMS} } } }`);
  });

  test('and those it does not know are not', async () => {
    await expectSame(
      graph(),
      '{ drawn { sheet { items { __typename ... on Stamp { inked } } } } pick { ... on Stamp { inked } } }',
    );
    await expectSame(graph(), `{ common { sheet { ${ITEMS} } } }`);
  });

  test('beside a field that only the other subgraph has', () =>
    expectSame(graph(), `{ drawn { id back { ${ITEMS} } } }`));
});

import { expectSame } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('@provides', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      concerts: `${FEDERATION}
        type Query { concerts: [Concert!]! soloConcerts: [Concert!]! @provides(fields: "hall { city { name } }") }
        type Concert @key(fields: "id") {
          id: ID! title: String! @shareable
          hall: Hall @shareable
          organ: Instrument @shareable @provides(fields: "... on Pipe { stops } ... on Drum { name }")
          piece: Piece @shareable @provides(fields: "title composer { name }")
          encore: [Piece!]! @provides(fields: "composer { name }")
          cover: Cover @shareable @provides(fields: "... on Photo { width } ... on Sketch { pencil }")
        }
        type Hall @key(fields: "id") { id: ID! city: City @external }
        type City @key(fields: "id") { id: ID! name: String @external }
        interface Instrument { id: ID! name: String }
        type Pipe implements Instrument @key(fields: "id") { id: ID! name: String @external stops: Int @external }
        type Drum implements Instrument @key(fields: "id") { id: ID! name: String @external }
        type Piece @key(fields: "id") { id: ID! title: String @external composer: Composer @external }
        type Composer @key(fields: "id") { id: ID! name: String @external }
        union Cover = Photo | Sketch
        type Photo @key(fields: "id") { id: ID! width: Int @external }
        type Sketch @key(fields: "id") { id: ID! pencil: String @external }`,
      music: `${FEDERATION}
        interface Instrument { id: ID! name: String }
        type Pipe implements Instrument @key(fields: "id") { id: ID! name: String @shareable stops: Int @shareable age: Int }
        type Drum implements Instrument @key(fields: "id") { id: ID! name: String @shareable inches: Int }
        type Piece @key(fields: "id") { id: ID! title: String @shareable composer: Composer @shareable minutes: Int }
        type Composer @key(fields: "id") { id: ID! name: String @shareable born: Int }`,
      places: `${FEDERATION}
        type Hall @key(fields: "id") { id: ID! city: City @shareable seats: Int }
        type City @key(fields: "id") { id: ID! name: String @shareable country: String }`,
      pictures: `${FEDERATION}
        type Query { covers: [Cover] }
        union Cover = Photo | Sketch
        type Photo @key(fields: "id") { id: ID! width: Int @shareable height: Int }
        type Sketch @key(fields: "id") { id: ID! pencil: String @shareable }`,
    },
    data: () => {
      const city = { __typename: 'City', id: 'ci1', name: 'Oslo', country: 'NO' };
      const hall = { __typename: 'Hall', id: 'h1', city, seats: 900 };
      const pipe = { __typename: 'Pipe', id: 'i1', name: 'Great', stops: 40, age: 120 };
      const drum = { __typename: 'Drum', id: 'i2', name: 'Bass', inches: 22 };
      const composer = { __typename: 'Composer', id: 'co1', name: 'Ve', born: 1900 };
      const piece = { __typename: 'Piece', id: 'p1', title: 'One', composer, minutes: 12 };
      const orphan = { __typename: 'Piece', id: 'p2', title: null, composer: null, minutes: null };
      const photo = { __typename: 'Photo', id: 'ph1', width: 640, height: 480 };
      const sketch = { __typename: 'Sketch', id: 'sk1', pencil: '2B' };
      const concert = (id: string, own: object) => ({ __typename: 'Concert', id, title: `C ${id}`, ...own });
      const concerts = [
        concert('1', { hall, organ: pipe, piece, encore: [piece, orphan], cover: photo }),
        concert('2', { hall: null, organ: drum, piece: orphan, encore: [], cover: sketch }),
        concert('3', { hall, organ: null, piece: null, encore: [orphan], cover: null }),
      ];
      return {
        rows: [city, hall, pipe, drum, composer, piece, orphan, photo, sketch, ...concerts],
        roots: { concerts, soloConcerts: concerts, covers: [sketch, null, photo] },
      };
    },
  });

  const subgraphsAsked = (): readonly string[] =>
    [...new Set(graph().host.requests.map(({ subgraph }) => subgraph))].toSorted();

  test('saves a fetch where the path provides the field', async () => {
    await expectSame(graph(), '{ soloConcerts { hall { city { name } } } }');
    expect(subgraphsAsked()).toEqual(['concerts']);
  });

  test('and is no way to the same field on another path', async () => {
    await expectSame(graph(), '{ concerts { hall { city { name } } } }');
    expect(subgraphsAsked()).toEqual(['concerts', 'places']);
  });

  test('two levels deep, and beyond what is provided', async () => {
    await expectSame(graph(), '{ concerts { piece { title composer { name } } encore { composer { name } } } }');
    expect(subgraphsAsked()).toEqual(['concerts']);
    await expectSame(
      graph(),
      '{ concerts { piece { title composer { name born } } encore { title composer { born } } } }',
    );
  });

  test('on the types of an interface', async () => {
    await expectSame(graph(), '{ concerts { organ { ... on Pipe { stops } ... on Drum { name } } } }');
    expect(subgraphsAsked()).toEqual(['concerts']);
    await expectSame(
      graph(),
      '{ concerts { organ { __typename id name ... on Drum { inches } ... on Pipe { stops age } } } }',
    );
  });

  test('on the types of a union', async () => {
    await expectSame(graph(), '{ concerts { cover { ... on Photo { width } ... on Sketch { pencil } } } }');
    expect(subgraphsAsked()).toEqual(['concerts']);
    await expectSame(
      graph(),
      '{ concerts { cover { __typename ... on Photo { height width } } } covers { ... on Photo { width } } }',
    );
  });

  test('the provided and the rest under swapped names', () =>
    expectSame(
      graph(),
      '{ soloConcerts { hall { id: seats seats: id city { name: country country: name } } piece { title: minutes t: title } } }',
    ));
});

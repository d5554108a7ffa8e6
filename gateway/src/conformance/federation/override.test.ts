import { expectSame } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

/** Each subgraph has values of its own, so that an answer shows who gave it. */
const from = (name: string) => () => {
  const article = {
    __typename: 'Article',
    id: 'a1',
    words: 10,
    created: `${name} created`,
    body: `${name} body`,
    teaser(this: { readonly words: number }) {
      return `${name} ${this.words}`;
    },
    gallery: { __typename: 'Gallery', id: 'g1', caption: `${name} caption` },
    views: name.length,
    likes: name.length,
  };
  return {
    rows: [article, article.gallery],
    roots: { feed: [article], old: [article], latest: [article], ping: name, media: article.gallery },
  };
};

describe('@override', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      monolith: {
        sdl: `${FEDERATION}
          type Query { feed: [Article!]! old: [Article!]! ping: String }
          type Article @key(fields: "id") { id: ID! created: String body: String words: Int teaser: String gallery: Gallery views: Int likes: Int }
          type Gallery @key(fields: "id") { id: ID! caption: String }`,
        data: from('monolith'),
      },
      editor: {
        sdl: `${FEDERATION}
          type Query { latest: [Article!]! ping: String @override(from: "monolith") }
          type Article @key(fields: "id") {
            id: ID! created: String @override(from: "monolith") note: String @override(from: "nobody")
            words: Int @external teaser: String @requires(fields: "words") @override(from: "monolith")
            gallery: Gallery @override(from: "monolith")
            views: Int @override(from: "monolith", label: "percent(100)")
            likes: Int @override(from: "monolith", label: "percent(0)")
          }
          type Gallery @key(fields: "id") { id: ID! caption: String @override(from: "monolith") }`,
        data: from('editor'),
      },
    },
    // What the whole says: every field as the subgraph that owns it now says it.
    data: () => {
      const { rows } = from('editor')();
      const article = { ...rows[0], body: 'monolith body', likes: 'monolith'.length, note: null };
      return { rows: [], roots: { feed: [article], old: [article], latest: [article], ping: 'editor' } };
    },
  });

  test('the new owner answers, whatever the way in', () =>
    expectSame(
      graph(),
      '{ ping feed { id created body words } latest { created body words gallery { caption id } } old { gallery { caption } } }',
    ));

  test('together with @requires', () =>
    expectSame(graph(), '{ feed { teaser } latest { t: teaser words teaser: id } }'));

  test('from a subgraph that does not exist', () => expectSame(graph(), '{ feed { note } latest { note } }'));

  test('a share of 100 % goes to the new owner and of 0 % to the old one', () =>
    expectSame(graph(), '{ feed { views likes } latest { views likes id } }'));
});

describe('@override of a field that an interface has', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      wire: {
        sdl: `${FEDERATION}
          type Query { reports: [Report!]! }
          interface Report { id: ID! filed: String! }
          type Picture implements Report @key(fields: "id") { id: ID! filed: String! size: Int }
          type Story implements Report @key(fields: "id") { id: ID! filed: String! }`,
        data: () => reports('wire'),
      },
      dates: {
        sdl: `${FEDERATION}
          type Query { recent: [Report!]! }
          interface Report { id: ID! filed: String! }
          type Picture implements Report @key(fields: "id") { id: ID! filed: String! @override(from: "wire") }`,
        data: () => {
          const { rows } = reports('dates');
          return { rows, roots: { recent: [rows[0]] } };
        },
      },
    },
    data: () => {
      const [picture] = reports('dates').rows;
      const [, story] = reports('wire').rows;
      return { rows: [], roots: { reports: [picture, story], recent: [picture] } };
    },
  });

  test('is asked through the interface', () =>
    expectSame(graph(), '{ reports { filed id } recent { id filed ... on Picture { size } } }'));

  test('and through the type', () =>
    expectSame(graph(), '{ reports { ... on Picture { f: filed } ... on Story { filed } __typename } }'));
});

function reports(name: string) {
  const rows = [
    { __typename: 'Picture', id: 'p1', filed: `${name} p`, size: 2 },
    { __typename: 'Story', id: 's1', filed: `${name} s` },
  ];
  return { rows, roots: { reports: rows } };
}

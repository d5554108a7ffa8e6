import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('interfaces of which every subgraph knows a part', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      ids: `${FEDERATION}
        type Query { nodes: [Node] node(id: ID!): Node animal(id: ID!): Animal toys: [Toy!]! }
        interface Node { id: ID! }
        interface Animal implements Node { id: ID! legs: Int }
        type Oven implements Node @key(fields: "id") { id: ID! }
        type Lamp implements Node @key(fields: "id") { id: ID! volts: Int! }
        type Cat implements Node & Animal @key(fields: "id") { id: ID! legs: Int }
        type Dog implements Node & Animal @key(fields: "id") { id: ID! legs: Int }
        type Eel implements Node & Animal { id: ID! legs: Int }
        interface Toy { id: ID! }
        type Ball implements Toy @key(fields: "id") { id: ID! }`,
      homes: `${FEDERATION}
        type Query { pets: [Pet!]! }
        interface Pet { name: String! owner: Owner friends(first: Int = 1): [Pet!]! }
        type Cat implements Pet @key(fields: "id") { id: ID! name: String! owner: Owner friends(first: Int = 1): [Pet!]! }
        type Dog implements Pet @key(fields: "id") { id: ID! name: String! owner: Owner friends(first: Int = 1): [Pet!]! tricks: [String] }
        type Owner @key(fields: "id") { id: ID! pets: [Pet!]! }
        interface Toy { id: ID! }
        type Ball implements Toy @key(fields: "id") { id: ID! squeaks: Boolean owner: Pet }`,
      shops: `${FEDERATION}
        type Query { ware: Ware }
        interface Ware { price: Float }
        type Oven implements Ware @key(fields: "id") { id: ID! price: Float warranty: String }
        type Lamp implements Ware @key(fields: "id") { id: ID! price: Float }
        type Owner @key(fields: "id") { id: ID! wares: [Ware] email: String! }`,
    },
    data: () => {
      const oven = { __typename: 'Oven', id: 'o1', price: 99.5, warranty: null };
      const lamp = { __typename: 'Lamp', id: 'l1', volts: 12, price: null };
      const owner = {
        __typename: 'Owner',
        id: 'w1',
        email: 'w@x',
        pets: (): unknown[] => [cat, dog],
        wares: [lamp, null, oven],
      };
      const friends = ({ first }: { readonly first: number }): unknown[] => [dog, cat].slice(0, first);
      const cat = { __typename: 'Cat', id: 'c1', legs: 4, name: 'Tom', owner, friends };
      const dog = { __typename: 'Dog', id: 'd1', legs: 3, name: 'Rex', owner: null, friends, tricks: ['sit', null] };
      const eel = { __typename: 'Eel', id: 'e1', legs: 0 };
      const ball = { __typename: 'Ball', id: 'b1', squeaks: true, owner: dog };
      const all = [oven, lamp, cat, dog, eel];
      const byId = ({ id }: { readonly id: string }) => all.find((each) => each.id === id) ?? null;
      return {
        rows: [oven, lamp, owner, cat, dog, ball],
        roots: { nodes: [...all, null], node: byId, animal: byId, pets: [cat, dog], ware: oven, toys: [ball] },
      };
    },
  });

  test('the interface alone', () => expectSame(graph(), '{ nodes { id __typename } }'));

  test('parts of its types from other subgraphs', () =>
    expectSame(
      graph(),
      '{ nodes { ... on Oven { price warranty } ... on Lamp { volts price } ... on Cat { name } ... on Dog { tricks } id } }',
    ));

  test('an interface of another subgraph as the condition', () =>
    expectSame(
      graph(),
      '{ nodes { ... on Pet { name friends { name } } ... on Ware { price } ... on Animal { legs } } }',
    ));

  test('conditions within conditions', () =>
    expectSame(
      graph(),
      '{ nodes { ... on Animal { ... on Pet { ... on Node { id } name ... on Dog { n: name name } } legs } ... { __typename } } }',
    ));

  test('in circles through an interface', () =>
    expectSame(
      graph(),
      '{ pets { friends(first: 2) { name friends { owner { pets { name owner { email } } } ... on Cat { legs } } } } }',
    ));

  test('through the owner back to things', () =>
    expectSame(graph(), '{ pets { owner { wares { __typename price ... on Node { id } ... on Lamp { volts } } } } }'));

  test('one object only, and none', () =>
    expectSame(
      graph(),
      '{ a: node(id: "d1") { ... on Pet { name } } b: node(id: "") { id } animal(id: "e1") { legs ... on Pet { name } } }',
    ));

  test('an object of the wrong kind', () => expectSameAnswer(graph(), '{ animal(id: "o1") { legs } }'));

  test('a type of the interface that has more in another subgraph', () =>
    expectSame(graph(), '{ toys { id ... on Ball { squeaks owner { name ... on Dog { tricks legs } } } } }'));
});

describe('the same field with other types in other types', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      a: `${FEDERATION}
        type Query { members: [Member!]! everyone: [Somebody!]! }
        union Member = Guest | Regular
        interface Somebody { id: ID }
        type Guest implements Somebody { id: ID since: Int tag: String }
        type Regular implements Somebody @key(fields: "id") { id: ID! name: String @shareable since: String! }`,
      b: `${FEDERATION}
        type Query { regulars: [Regular!]! }
        type Regular @key(fields: "id") { id: ID! name: String @shareable similar: [Regular] }`,
    },
    data: () => {
      const regular = {
        __typename: 'Regular',
        id: 'r1',
        name: 'Reg',
        since: '2001',
        similar: (): unknown[] => [regular, null],
      };
      const guest = { __typename: 'Guest', id: null, since: 3, tag: 'g' };
      return { rows: [regular], roots: { members: [guest, regular], everyone: [regular, guest], regulars: [regular] } };
    },
  });

  test('nullable here, not there', () =>
    expectSame(graph(), '{ members { ... on Guest { id tag } ... on Regular { rid: id name } } everyone { id } }'));

  test('and other types under other names', () =>
    expectSame(
      graph(),
      '{ everyone { ... on Guest { gid: id s: since } ... on Regular { id t: since similar { name since } } __typename } regulars { since } }',
    ));
});

import { conventionFindings } from './conventions.js';

const findingsIn = (sdl: string) =>
  conventionFindings({ file: 'schema/subgraphs/x.graphql', sdl }).map(({ line, message }) => `${line}: ${message}`);

const GOOD = `
"A thing."
type Thing @key(fields: "id") {
  "Its id."
  id: ID!
}

"One page."
type ThingConnection {
  "The things."
  nodes: [Thing!]!
}

"Red or green."
enum Colour {
  "As blood."
  DARK_RED
}

"A thing to make."
input MakeThingInput {
  "What it is called."
  name: String!
}

"The thing."
type MakeThingPayload {
  "It."
  thing: Thing
}

type Query {
  "One thing."
  thing("Which." id: ID!): Thing
  "All things."
  things("How many." first: Int, "Behind this." after: String): ThingConnection
}

type Mutation {
  "Make a thing."
  makeThing("What." input: MakeThingInput!): MakeThingPayload!
}
`;

test('a schema that follows the conventions has no findings', () => {
  expect(findingsIn(GOOD)).toEqual([]);
});

test.each([
  ['a type without a description', '"A thing."\n', '', '2: Thing has no description'],
  ['a field without one', '  "Its id."\n', '', '4: Thing.id has no description'],
  ['an argument without one', '"Which." id', 'id', '34: Query.thing(id:) has no description'],
  ['an enum value without one', '  "As blood."\n', '', '16: Colour.DARK_RED has no description'],
  ['an input field without one', '"What it is called."', '" "', '23: MakeThingInput.name has no description'],
  ['a type in another spelling', 'enum Colour', 'enum colour_of', '15: colour_of is not PascalCase'],
  [
    'a field in another spelling',
    'thing: Thing',
    'The_thing: Thing',
    '29: MakeThingPayload.The_thing is not camelCase',
  ],
  ['an enum value in another spelling', 'DARK_RED', 'darkRed', '17: Colour.darkRed is not SCREAMING_SNAKE_CASE'],
  [
    'a query that begins with a verb',
    '  things(',
    '  listThings(',
    '36: Query.listThings begins with a verb: a query is named after what it returns',
  ],
  [
    'a connection without a page',
    ', "Behind this." after: String',
    '',
    '36: Query.things is a connection without after',
  ],
  [
    'a mutation with loose arguments',
    '"What." input: MakeThingInput!',
    '"What." name: String!',
    '41: Mutation.makeThing takes other arguments than one input: MakeThingInput!',
  ],
  [
    'a mutation that returns the thing itself',
    '): MakeThingPayload!',
    '): Thing',
    '41: Mutation.makeThing returns Thing, which is no ...Payload',
  ],
])('%s is found', (_what, before, after, finding) => {
  expect(findingsIn(GOOD.replace(before, after))).toEqual([finding]);
});

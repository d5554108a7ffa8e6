import { expectSame } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('aliases that are names of what the gateway needs itself', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      people: `${FEDERATION}
        type Query { me: Person person(id: ID!): Person people: [Person!]! being: Being anyone: Anyone }
        interface Being { id: ID! name: String! }
        union Anyone = Person | Pet
        type Person implements Being @key(fields: "id") @key(fields: "passport { number country { code } }") {
          id: ID! name: String! age: Int passport: Passport! email(short: Boolean = false): String pet: Pet
        }
        type Passport @shareable { number: String! country: Country! issued: Int }
        type Country @shareable { code: String! label: String! }
        type Pet implements Being @key(fields: "id kind") { id: ID! kind: String! name: String! }`,
      addresses: `${FEDERATION}
        type Person @key(fields: "id") {
          id: ID! address: String city: City! age: Int @external email(short: Boolean = false): String @external
          greeting: String! @requires(fields: "age email(short: true)")
        }
        type City { id: ID! name: String! }`,
      travel: `${FEDERATION}
        type Person @key(fields: "passport { number country { code } }") { passport: Passport! visas(max: Int = 2): [Visa!]! }
        type Passport @shareable { number: String! country: Country! }
        type Country @shareable { code: String! }
        type Visa { id: ID! for: Person! }`,
      vets: `${FEDERATION}
        type Pet @key(fields: "id kind") { id: ID! kind: String! vet: String weight(unit: String!): Float }`,
    },
    data: () => {
      const pet = (id: string) => ({
        __typename: 'Pet',
        id,
        kind: 'cat',
        name: `Pet ${id}`,
        vet: `Vet ${id}`,
        weight: ({ unit }: { readonly unit: string }) => unit.length,
      });
      const pets = [pet('1'), pet('2')] as const;
      const person = (id: string, own: object): Record<string, unknown> => {
        const self: Record<string, unknown> = {
          __typename: 'Person',
          id,
          name: `Name ${id}`,
          passport: { number: `N${id}`, country: { code: 'NO', label: 'Norway' }, issued: 2020 },
          email: ({ short }: { readonly short: boolean }) => (short ? id : `${id}@long`),
          address: `Street ${id}`,
          city: { id: `c${id}`, name: 'Oslo' },
          visas: ({ max }: { readonly max: number }) =>
            [1, 2, 3].slice(0, max).map((each) => ({ id: each, for: self })),
          greeting(this: { readonly age: number; readonly email: unknown }) {
            const email = typeof this.email === 'function' ? (this.email({ short: true }) as string) : this.email;
            return `${String(email)} is ${this.age}`;
          },
          ...own,
        };
        return self;
      };
      const people = [person('1', { age: 30, pet: pets[0] }), person('2', { age: 40, pet: pets[1] })];
      return {
        rows: [...people, ...pets] as never,
        roots: {
          me: people[0],
          people,
          being: pets[1],
          anyone: people[1],
          person: ({ id }: { readonly id: string }) => people.find((each) => each['id'] === id) ?? null,
        },
      };
    },
  });

  test.each([
    ['a field under the name of the key', '{ me { id: name address } }'],
    ['and the key under the name of the field', '{ me { id: name name: id address } }'],
    ['a field of another subgraph under the name of the key', '{ me { id: address } people { id: greeting } }'],
    ['an object under the name of the key', '{ me { id: city { id: name name: id } address } }'],
    ['any field under the name __typename', '{ me { __typename: name address } being { __typename: id } }'],
    [
      '__typename under the name of the key',
      '{ me { id: __typename address } anyone { ... on Person { id: __typename address } } }',
    ],
    ['a required field under another name, another under its name', '{ me { age: name greeting years: age } }'],
    ['a required field with other arguments', '{ me { email greeting } people { email(short: false) greeting } }'],
    ['a required field under its name with its arguments, and both', '{ me { email(short: true) e: email greeting } }'],
    ['a required field with arguments, another under its name', '{ me { email: name greeting } }'],
    ['parts of a nested key', '{ me { passport { number: issued country { code: label } } visas { id } } }'],
    ['the whole of a nested key', '{ me { passport: name visas { id } p: passport { c: country { label } } } }'],
    ['the whole of a nested key, by an object', '{ me { passport: city { id name } visas(max: 1) { for: id } } }'],
    [
      'the same object under two names',
      '{ me { a: passport { number } passport { n: number } visas { id } b: passport { country { x: code } } } }',
    ],
    ['keys of two fields', '{ me { pet { kind: vet id: name vet: kind name: id weight(unit: "kg") } } }'],
    [
      'a list of entities under the name of a key',
      '{ me { id: visas { id: for { id: name address visas { id } } } } }',
    ],
    [
      'in a union and an interface',
      '{ anyone { ... on Person { id: name greeting } } being { id: name ... on Pet { kind: vet } } }',
    ],
    ['the same field with two arguments', '{ me { visas(max: 1) { id } v: visas(max: 3) { for { name: address } } } }'],
    ['many times the same', '{ me { a: name b: name name c: address d: address id e: id __typename f: __typename } }'],
    ['root fields that swap', '{ me: people { id } people: me { id: address } person: being { name } }'],
  ])('%s', (_, query) => expectSame(graph(), query));

  test('in fragments that overlap', () =>
    expectSame(
      graph(),
      `{ me { ...A ...B ... on Being { id: name } } }
       fragment A on Person { id: name address passport { ...P } }
       fragment B on Person { id: name visas { id } passport { number: issued } ... on Being { name } }
       fragment P on Passport { number: issued country { code: label } }`,
    ));
});

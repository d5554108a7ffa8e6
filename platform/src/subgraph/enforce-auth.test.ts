import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { testViewer } from '../testing/test-viewer.js';
import { enforceAuth } from './enforce-auth.js';
import type { Owners } from './enforce-auth.js';
import { createCursorSigner } from '../pagination/index.js';
import { contextFactory } from './subgraph-context.js';
import type { Viewer } from '../identity/index.js';

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  directive @auth(permission: String!) on FIELD_DEFINITION
  type User @key(fields: "id") { id: ID!  name: String  email: String @auth(permission: "user:read-pii:own") }
  type Query {
    everybody: String @auth(permission: "public")
    somebody: String @auth(permission: "authenticated")
    admin: String @auth(permission: "user:list:any")
    user(id: ID!): User @auth(permission: "authenticated")
  }
`;
const user = (id: unknown) => ({ __typename: 'User', id, name: 'Alice', email: 'alice@orion.test' });
const resolvers = {
  Query: {
    everybody: () => 'yes',
    somebody: () => 'yes',
    admin: () => 'yes',
    user: (_: unknown, { id }: { id: string }) => user(id),
  },
  User: { __resolveReference: ({ id }: { id: string }) => user(id) },
};

function build(sdl = SDL, owners: Owners = { User: 'id' }): GraphQLSchema {
  return enforceAuth(buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]), owners);
}

function run(source: string, viewer: Viewer | null): Promise<ExecutionResult> {
  const contextValue = contextFactory([], createCursorSigner('s'))(
    { viewer, requestId: 'r', clientIp: null, userAgent: null },
    'once',
  );
  return graphql({ schema: build(), source, contextValue });
}

const codes = (result: ExecutionResult) => result.errors?.map((error) => error.extensions['code']);

test('public fields are for everybody, others tell the anonymous to sign in', async () => {
  expect((await run('{ everybody }', null)).data).toEqual({ everybody: 'yes' });
  expect(codes(await run('{ somebody }', null))).toEqual(['UNAUTHENTICATED']);
});

test('a permission that is not held is FORBIDDEN and leaves the neighbours alone', async () => {
  const result = await run('{ somebody admin }', testViewer());
  expect(result.data).toEqual({ somebody: 'yes', admin: null });
  expect(codes(result)).toEqual(['FORBIDDEN']);
  expect((await run('{ admin }', testViewer({ permissions: ['user:list:any'] }))).data).toEqual({ admin: 'yes' });
});

test('an own field is for the owner and for holders of the any scope', async () => {
  const viewer = testViewer();
  const query = `{ user(id: "${viewer.userId}") { name email } }`;
  expect((await run(query, viewer)).data).toEqual({ user: { name: 'Alice', email: 'alice@orion.test' } });
  const stranger = await run(query, testViewer());
  expect(stranger.data).toEqual({ user: { name: 'Alice', email: null } });
  expect(codes(stranger)).toEqual(['FORBIDDEN']);
  expect(codes(await run(query, testViewer({ permissions: ['user:read-pii:any'] })))).toBeUndefined();
});

test('holding the own scope opens nothing of others', async () => {
  const stranger = testViewer({ permissions: ['user:read-pii:own'] });
  expect(codes(await run('{ user(id: "victim") { email } }', stranger))).toEqual(['FORBIDDEN']);
});

test('a reference through _entities is guarded like any other path', async () => {
  const query = '{ _entities(representations: [{ __typename: "User", id: "victim" }]) { ... on User { name email } } }';
  const result = await run(query, testViewer());
  expect(result.data).toEqual({ _entities: [{ name: 'Alice', email: null }] });
  expect(codes(result)).toEqual(['FORBIDDEN']);
});

test('a schema with an operation that says nothing is not built', () => {
  expect(() => build(SDL.replace('admin: String @auth(permission: "user:list:any")', 'admin: String'))).toThrow(
    /Query\.admin/,
  );
});

test('a schema whose own field has no owner is not built', () => {
  expect(() => build(SDL, {})).toThrow(/User\.email/);
});

import { GraphQLError, parse } from 'graphql';
import { testLogger } from '../testing/test-gateway.js';
import { presentError } from './present-error.js';

const nodes = parse('{ a }').definitions;

test.each<[string, Error, string]>([
  ["graphql-js's own complaint about the document", new GraphQLError('no', { nodes }), 'BAD_USER_INPUT'],
  [
    "Apollo's complaint about the protocol",
    new GraphQLError('no', { extensions: { http: { status: 400 } } }),
    'BAD_REQUEST',
  ],
  ['an error with a code', new GraphQLError('no', { nodes, extensions: { code: 'OWN' } }), 'OWN'],
  ['something that broke', new Error('secret'), 'INTERNAL_SERVER_ERROR'],
  [
    'something that broke in a resolver',
    new GraphQLError('secret', { nodes, path: ['a'], originalError: new Error('secret') }),
    'INTERNAL_SERVER_ERROR',
  ],
  ['a bad value of a subgraph', new GraphQLError('secret', { nodes, path: ['a'] }), 'INTERNAL_SERVER_ERROR'],
  ['an error without any place', new GraphQLError('secret'), 'INTERNAL_SERVER_ERROR'],
])('ID-76: %s', (_what, error, code) => {
  const presented = presentError(error, { production: true, logger: testLogger, requestId: 'r' });
  expect(presented.extensions).toEqual({ code, requestId: 'r' });
  expect(presented.message.includes('secret')).toBe(false);
});

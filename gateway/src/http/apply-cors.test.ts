import { isOriginAllowed } from './apply-cors.js';

test.each<[string, string, boolean]>([
  ['https://api.example', 'api.example', true],
  ['http://api.example', 'api.example', false],
  ['https://internal.example:8443', 'internal.example:8443', true],
  ['http://internal.example:8443', 'internal.example:8443', false],
  ['https://evil.example', 'api.example', false],
  ['http://app.example', 'api.example', true],
  ['null', 'api.example', false],
])('to a gateway at https://api.example the origin %s, asking %s, is allowed: %s', (origin, host, isAllowed) => {
  const settings = { publicUrl: 'https://api.example', corsOrigins: ['http://app.example'] };
  expect(isOriginAllowed(origin, { settings, host })).toBe(isAllowed);
});

test.each<[string, string, boolean]>([
  ['http://localhost:4000', 'localhost:4000', true],
  ['http://127.0.0.1:4321', '127.0.0.1:4321', true],
  ['https://tunnel.example', 'tunnel.example', true],
  ['http://localhost:4000', 'localhost:4321', true],
  ['http://localhost:3000', 'localhost:4000', false],
])('to one at http://localhost:4000 the origin %s, asking %s, is allowed: %s', (origin, host, isAllowed) => {
  const settings = { publicUrl: 'http://localhost:4000', corsOrigins: [] };
  expect(isOriginAllowed(origin, { settings, host })).toBe(isAllowed);
});

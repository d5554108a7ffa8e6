import { ConfigError } from '@orion/platform/config';
import { forwardable, forwardedHeaders } from './forwarded-headers.js';

test('names are taken in lower case, each once', () => {
  expect(forwardable(['Authorization', 'X-Tenant', 'authorization'])).toEqual(['authorization', 'x-tenant']);
});

test.each(['X-Orion-Context', 'x-orion-anything', 'host', 'Content-Length', 'connection', 'te', 'a b', 'a:b', '', 'ä'])(
  '%j cannot be forwarded',
  (name) => {
    expect(() => forwardable([name])).toThrow(ConfigError);
  },
);

test('only the configured ones are taken, in their order, and none is undefined', () => {
  const sent = new Map([
    ['b', '2'],
    ['a', '1'],
    ['cookie', 'secret'],
  ]);
  expect(Object.entries(forwardedHeaders((name) => sent.get(name), ['a', 'b', 'c']) ?? {})).toEqual([
    ['a', '1'],
    ['b', '2'],
  ]);
  expect(forwardedHeaders((name) => sent.get(name), ['c'])).toBeUndefined();
  expect(forwardedHeaders((name) => sent.get(name), [])).toBeUndefined();
});

test('a value that could end its line is not forwarded', () => {
  const sent = new Map([
    ['a', 'x\r\nx-orion-context: forged'],
    ['b', 'x\u0000'],
    ['c', 'x\u2028y'],
    ['d', 'ok ä\t'],
  ]);
  expect(forwardedHeaders((name) => sent.get(name), ['a', 'b', 'c', 'd'])).toEqual({ d: 'ok ä\t' });
});

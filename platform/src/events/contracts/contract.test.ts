import { z } from 'zod';
import { allEventContracts } from '../../event-contracts/index.js';
import { asyncApiDocument } from './async-api.js';
import { defineEvent, indexContracts } from './contract.js';
import { eventJsonSchema, eventName } from './event-schemas.js';

const schema = z.object({ userId: z.string() });
const define = (type: string) =>
  defineEvent({ type: type as 'dev.orion.x.v1', owner: 'user', description: 'x', schema, key: ({ userId }) => userId });

/** Every object and property of a JSON schema, by path. */
function* walk(
  node: unknown,
  path: string,
): Generator<{ readonly path: string; readonly node: Record<string, unknown> }> {
  if (typeof node !== 'object' || node === null) return;
  const properties = (node as { readonly properties?: Record<string, Record<string, unknown>> }).properties ?? {};
  for (const [name, property] of Object.entries(properties)) {
    yield { path: `${path}.${name}`, node: property };
    yield* walk(property, `${path}.${name}`);
  }
  yield* walk((node as { readonly items?: unknown }).items, `${path}[]`);
}

describe('defineEvent', () => {
  it('derives topic, source and version', () => {
    expect(define('dev.orion.thing.happened.v12')).toMatchObject({
      topic: 'orion.user',
      source: '/subgraphs/user',
      version: 12,
    });
  });

  it.each([
    'dev.orion.thing',
    'dev.orion.thing.v0',
    'dev.orion.Thing.v1',
    'com.orion.thing.v1',
    'dev.orion.thing.v1.x',
  ])('refuses the type %s', (type) => {
    expect(() => define(type)).toThrow(/is not dev\.orion/);
  });

  it('refuses two contracts for one type', () => {
    expect(() => indexContracts([define('dev.orion.a.v1'), define('dev.orion.a.v1')])).toThrow(
      'two contracts for dev.orion.a.v1',
    );
  });
});

describe('the contracts of the platform', () => {
  it('have different types', () => {
    expect(indexContracts(allEventContracts).size).toBe(allEventContracts.length);
  });

  it('describe every property', () => {
    const bare = allEventContracts.flatMap((contract) =>
      [...walk(eventJsonSchema(contract), contract.type)]
        .filter(({ node }) => typeof node['description'] !== 'string')
        .map(({ path }) => path),
    );
    expect(bare).toEqual([]);
  });

  it('accept properties that a newer producer adds', () => {
    for (const contract of allEventContracts) {
      expect(eventJsonSchema(contract)).not.toHaveProperty('additionalProperties', false);
    }
  });

  it('make an AsyncAPI document whose references all lead somewhere', () => {
    const document = asyncApiDocument(allEventContracts, { version: '1.0.0' });
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(references.length).toBeGreaterThan(allEventContracts.length * 2);
    for (const reference of references) {
      const target = reference
        .split('/')
        .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], document);
      expect([reference, typeof target]).toEqual([reference, 'object']);
    }
    expect(document).toMatchObject({
      asyncapi: '3.0.0',
      channels: { 'orion.auth': { address: 'orion.auth', messages: { UserRegisteredV1: {} } } },
    });
  });

  it('have readable names', () => {
    expect(allEventContracts.map(eventName)).toContain('UserPasswordResetV1');
  });
});

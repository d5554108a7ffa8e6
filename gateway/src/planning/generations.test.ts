import { ApolloGateway } from '@apollo/gateway';
import { printSchema } from 'graphql';
import { NO_METRICS } from '../observability/metrics.js';
import { composeSdl } from '../testing/compose-sdl.js';
import { recordingLogger, testLogger } from '../testing/test-gateway.js';
import { createGenerations } from './generations.js';
import type { Generation, Generations, GenerationsOptions } from './generations.js';
import { STANDARD_PLANNER_LIMITS } from './planner-limits.js';

const running: Generations[] = [];
let first: string;
let second: string;

beforeAll(async () => {
  first = await composeSdl({ a: 'type Query { one: Int }' });
  second = await composeSdl({ a: 'type Query { one: Int two: Int }' });
});

afterEach(() => Promise.all(running.splice(0).map((generations) => generations.close())));

function start(options: Partial<GenerationsOptions> = {}): Generations {
  const generations = createGenerations({
    limits: STANDARD_PLANNER_LIMITS,
    logger: testLogger,
    metrics: NO_METRICS,
    ...options,
  });
  running.push(generations);
  return generations;
}

function fieldsOf({ view }: Generation): string[] {
  return Object.keys(view.apiSchema.getQueryType()?.getFields() ?? {});
}

test('serves a supergraph, then the next, and tells who listens', async () => {
  const accepted: boolean[] = [];
  const generations = start({ metrics: { supergraphReloaded: (isAccepted) => accepted.push(isAccepted) } });
  generations.prepare();
  expect(() => generations.current()).toThrow(/before the first composition/);
  expect(await generations.replace(first)).toBe(true);
  const before = generations.current();
  const seen: unknown[] = [];
  const stop = generations.onChange((next, previous) => seen.push([next.number, previous?.number]));
  expect(await generations.replace(second)).toBe(true);
  expect(generations.current().number).toBe(2);
  expect(fieldsOf(generations.current())).toEqual(['one', 'two']);
  expect(seen).toEqual([[2, 1]]);
  stop();
  // What started on the first still runs on it.
  expect(await before.view.planner.plan({ text: '{ one }', overrides: [] })).toMatchObject({ node: { kind: 'Fetch' } });
  expect(accepted).toEqual([true, true]);
});

test('an equal supergraph is no new generation', async () => {
  const generations = start();
  await generations.replace(first);
  expect(await generations.replace(first)).toBe(true);
  expect(generations.current().number).toBe(1);
});

test('keeps the last good supergraph when the next cannot be served, and says why', async () => {
  const { logger, lines } = recordingLogger();
  const accepted: boolean[] = [];
  const generations = start({ logger, metrics: { supergraphReloaded: (isAccepted) => accepted.push(isAccepted) } });
  await generations.replace(first);
  expect(await generations.replace('type Query { broken')).toBe(false);
  expect(fieldsOf(generations.current())).toEqual(['one']);
  expect(lines.some((line) => /stays as it was/.test(line) && /Syntax Error/.test(line))).toBe(true);
  expect(accepted).toEqual([true, false]);
  expect(await generations.replace(second)).toBe(true);
});

test('the first supergraph has none to fall back to', async () => {
  await expect(start().replace('type Query { a: Int }')).rejects.toThrow(/must be a core schema/);
});

test('is warmed up before it is served', async () => {
  const during: (readonly [number, number | undefined])[] = [];
  const generations = start({
    warmUp: async (next, previous) => {
      during.push([next.number, previous === undefined ? undefined : generations.current().number]);
      await next.view.planner.plan({ text: '{ one }', overrides: [] });
    },
  });
  await generations.replace(first);
  await generations.replace(second);
  expect(during).toEqual([
    [1, undefined],
    [2, 1],
  ]);
});

test('is served although warming up failed', async () => {
  const { logger, lines } = recordingLogger();
  const generations = start({ logger, warmUp: () => Promise.reject(new Error('no luck')) });
  expect(await generations.replace(first)).toBe(true);
  expect(lines.some((line) => line.includes('no luck'))).toBe(true);
});

test('of several changes at once the last is served, and those between are not built', async () => {
  const built: number[] = [];
  const generations = start({ warmUp: (next) => Promise.resolve(void built.push(next.number)) });
  await generations.replace(first);
  const third = await composeSdl({ a: 'type Query { three: Int }' });
  const results = await Promise.all([generations.replace(second), generations.replace(third)]);
  expect(results).toEqual([false, true]);
  expect(fieldsOf(generations.current())).toEqual(['three']);
  expect(built).toEqual([1, 2]);
});

test('when the last of several changes cannot be served, the newest good one before it is', async () => {
  const third = await composeSdl({ a: 'type Query { three: Int }' });
  let proceed = (): void => undefined;
  let release = (): void => undefined;
  const isBuilt = new Promise<void>((resolve) => (proceed = resolve));
  const held = new Promise<void>((resolve) => (release = resolve));
  const generations = start({
    warmUp: async (next) => {
      if (next.number !== 2) return;
      proceed();
      await held;
    },
  });
  await generations.replace(first);
  const underWay = generations.replace(second);
  await isBuilt;
  const arrived = ['type Query { older: Int }', third, 'type Query { newer: Int }', 'type Query { broken'];
  const replaced = arrived.map((sdl) => generations.replace(sdl));
  release();
  expect(await underWay).toBe(true);
  expect(await Promise.all(replaced)).toEqual([false, false, false, false]);
  expect(fieldsOf(generations.current())).toEqual(['three']);
  expect(generations.current().number).toBe(3);
});

test('a listener that throws keeps neither the others from hearing of a swap nor the last planner', async () => {
  const { logger, lines } = recordingLogger();
  const generations = start({ logger });
  await generations.replace(first);
  const { planner } = generations.current().view;
  let isRetired = false;
  const retire = planner.retire.bind(planner);
  planner.retire = () => {
    isRetired = true;
    retire();
  };
  const heard: number[] = [];
  generations.onChange(() => {
    throw new Error('deaf');
  });
  generations.onChange(({ number }) => heard.push(number));
  expect(await generations.replace(second)).toBe(true);
  expect(heard).toEqual([2]);
  expect(isRetired).toBe(true);
  expect(lines.some((line) => line.includes('deaf'))).toBe(true);
});

test('clients see what @apollo/gateway shows them', async () => {
  const sdl = await composeSdl({
    a: `
      """a day"""
      scalar Day @specifiedBy(url: "https://example.com/day")
      directive @trace(name: String = "x") on FIELD
      interface Named { name: String }
      type Query {
        """when"""
        day(of: Filter): Day
        old: Int @deprecated(reason: "gone")
        hidden: Int @inaccessible
        kind: Kind
        thing: Thing
      }
      type Thing implements Named @key(fields: "id") @tag(name: "internal") { id: ID! name: String price(in: String): Int }
      input Filter { year: Int = 2000, gone: Int @deprecated }
      enum Kind { A B @deprecated(reason: "why") }`,
    b: `
      directive @trace(name: String = "x") on FIELD
      type Thing @key(fields: "id") { id: ID! price(in: String): Int @external label: String @requires(fields: "price(in: \\"m\\")") }`,
  });
  const generations = start();
  await generations.replace(sdl);
  const shown = printSchema(generations.current().view.apiSchema);
  expect(shown).toBe(await shownByApollo(sdl));
  expect(shown).toContain('scalar Day @specifiedBy(url: "https://example.com/day")');
  expect(shown).toContain('old: Int @deprecated(reason: "gone")');
  expect(shown).not.toContain('hidden');
});

async function shownByApollo(sdl: string): Promise<string> {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const { schema } = await new ApolloGateway({ supergraphSdl: sdl }).load();
  return printSchema(schema);
}

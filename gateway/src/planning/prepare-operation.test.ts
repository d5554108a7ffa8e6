import { createEngineScope } from '../execution/compile-operation.js';
import { createSubgraphClient } from '../execution/subgraph-client.js';
import { NO_METRICS } from '../observability/metrics.js';
import { createAuthorization } from '../security/authorization.js';
import { anonymousCaller } from '../security/caller.js';
import { settle } from '../settings.js';
import { composeSdl } from '../testing/compose-sdl.js';
import { testLogger } from '../testing/test-gateway.js';
import { createGenerations } from './generations.js';
import type { Generations } from './generations.js';
import { STANDARD_PLANNER_LIMITS } from './planner-limits.js';
import type { PreparationScope } from './preparation-scope.js';
import { createPreparation } from './prepare-operation.js';

const CALLER = anonymousCaller({ requestId: 'r', clientIp: '127.0.0.1', userAgent: 'test' });
const CONDITIONS = ['a', 'b', 'c', 'd', 'e', 'f'];
const MANY_FACED = `query (${CONDITIONS.map((name) => `$${name}: Boolean!`).join(' ')}) {
  always: one ${CONDITIONS.map((name) => `${name}: one @include(if: $${name})`).join(' ')}
}`;
const OTHERS = Array.from({ length: 20 }, (_, index) => `{ other${index}: one }`);

const client = createSubgraphClient({
  contextSecret: undefined,
  timeoutMs: 1_000,
  retries: 0,
  answerBytes: 1_000,
  circuitBreaker: undefined,
  dedup: false,
  connections: 1,
  certificateAuthorities: undefined,
  logger: testLogger,
  metrics: NO_METRICS,
});
let generations: Generations;
let scope: PreparationScope;

beforeAll(async () => {
  generations = createGenerations({ limits: STANDARD_PLANNER_LIMITS, logger: testLogger, metrics: NO_METRICS });
  await generations.replace(await composeSdl({ a: 'type Query { one: Int }' }));
  const generation = generations.current();
  const { view } = generation;
  scope = {
    generation,
    engine: createEngineScope({
      view,
      client,
      addressOf: (name) => ({ name, url: `http://${name}` }),
      errorPolicy: { production: false, logger: testLogger },
    }),
    authorization: createAuthorization(view.supergraphSchema),
  };
});

afterAll(async () => {
  await generations.close();
  await client.close();
});

/** Prepares operations; tells of each whether its document and its plan were known. */
function start(documentCacheBytes: number) {
  const lookups: boolean[] = [];
  const { prepare } = createPreparation({
    settings: settle({ supergraph: { file: 'unused' }, logger: testLogger, documentCacheBytes }),
    metrics: { ...NO_METRICS, cacheLookup: (_cache, isHit) => lookups.push(isHit) },
    current: () => scope,
  });
  return async (query: string, variables: Readonly<Record<string, unknown>> = {}) => {
    lookups.length = 0;
    expect(await prepare({ query, variables }, CALLER)).toMatchObject({ ok: true });
    const [isDocumentKnown, isPlanKnown] = lookups;
    return { isDocumentKnown, isPlanKnown };
  };
}

function combination(number: number): Readonly<Record<string, boolean>> {
  return Object.fromEntries(CONDITIONS.map((name, bit) => [name, (number & (1 << bit)) !== 0]));
}

const KNOWN = { isDocumentKnown: true, isPlanKnown: true };
const UNKNOWN = { isDocumentKnown: false, isPlanKnown: false };

test('every variant of a document counts: many of one push out other documents', async () => {
  const prepare = start(800_000);
  for (const query of OTHERS) await prepare(query);
  await prepare(MANY_FACED, combination(0));
  for (const query of OTHERS) expect(await prepare(query)).toEqual(KNOWN);
  for (let number = 0; number < 64; number += 1) await prepare(MANY_FACED, combination(number));
  for (let number = 0; number < 64; number += 1) {
    expect(await prepare(MANY_FACED, combination(number))).toEqual(KNOWN);
  }
  expect(await prepare(OTHERS[0] ?? '')).toEqual(UNKNOWN);
});

test('a document that outgrows the whole cache begins anew', async () => {
  const prepare = start(200_000);
  for (let number = 0; number < 64; number += 1) await prepare(MANY_FACED, combination(number));
  expect(await prepare(MANY_FACED, combination(0))).toMatchObject({ isPlanKnown: false });
  // If it has outgrown the cache just now, this is the first of the next.
  await prepare(MANY_FACED, combination(0));
  expect(await prepare(MANY_FACED, combination(0))).toEqual(KNOWN);
});

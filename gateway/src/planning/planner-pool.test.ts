import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { composeSdl } from '../testing/compose-sdl.js';
import { recordingLogger, testLogger } from '../testing/test-gateway.js';
import type { Planner } from './planner.js';
import { STANDARD_PLANNER_LIMITS } from './planner-limits.js';
import { startPlannerPool } from './planner-pool.js';
import type { PlannerPoolOptions } from './planner-pool.js';

const OPTIONS: PlannerPoolOptions = { ...STANDARD_PLANNER_LIMITS, logger: testLogger };
const QUICK = { text: '{ n { name } }', overrides: [] };
const planners: Planner[] = [];
let sdl: string;

beforeAll(async () => {
  sdl = await composeSdl({
    a: `type Query { n: Node m: Node } type Node @key(fields: "id") { id: ID! name: String next: Node x: Int @shareable y: Int @shareable }`,
    b: `type Node @key(fields: "id") { id: ID! x: Int @shareable y: Int @shareable z: Int }`,
  });
});

afterEach(() => Promise.all(planners.splice(0).map((planner) => planner.close())));

async function start(options: Partial<PlannerPoolOptions> = {}): Promise<Planner> {
  const { planner } = await startPlannerPool(sdl, { ...OPTIONS, ...options });
  planners.push(planner);
  return planner;
}

/** As many distinct fields as it takes to keep the planner busy. */
function large(fields: number): string {
  return `{ n { ${Array.from({ length: fields }, (_, index) => `f${index}: name`).join(' ')} } }`;
}

/** Bytes on the heap after a collection. */
function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

test('plans, and says why something cannot be planned', async () => {
  const planner = await start();
  expect(await planner.plan(QUICK)).toMatchObject({ node: { kind: 'Fetch', serviceName: 'a' }, twins: {} });
  await expect(planner.plan({ text: '{ unknown }', overrides: [] })).rejects.toMatchObject({
    failure: 'invalid',
    message: expect.stringContaining('unknown') as string,
  });
});

test('plans equal operations under way once', async () => {
  const planner = await start();
  const first = planner.plan(QUICK);
  expect(planner.plan({ ...QUICK })).toBe(first);
  expect(planner.plan({ ...QUICK, overrides: ['label'] })).not.toBe(first);
  expect(planner.plan({ ...QUICK, text: '{ m { name } }' })).not.toBe(first);
  await first;
});

test('gives up an operation that takes too long, refuses it for a while, and plans what waited behind it', async () => {
  const { logger, lines } = recordingLogger();
  const planner = await start({ planTimeoutMs: 1_000, logger });
  await planner.plan(QUICK);
  const slow = { text: large(60_000), overrides: [] };
  const [given, waited] = await Promise.allSettled([planner.plan(slow), planner.plan(QUICK)]);
  expect(given).toMatchObject({ reason: { failure: 'timeout', message: 'planning was given up after 1000 ms' } });
  expect(waited).toMatchObject({ value: { node: { kind: 'Fetch' } } });
  const askedAt = performance.now();
  await expect(planner.plan(slow)).rejects.toMatchObject({ failure: 'timeout' });
  expect(performance.now() - askedAt).toBeLessThan(1_000);
  expect(lines.some((line) => line.includes('a planner thread is replaced'))).toBe(true);
});

test('what is refused for a while does not keep its text in memory', async () => {
  const planner = await start({ planTimeoutMs: 1 });
  const before = usedHeap();
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const text = `${large(60_000)} #${name.repeat(10_000_000)}`;
    await expect(planner.plan({ text, overrides: [] })).rejects.toMatchObject({ failure: 'timeout' });
  }
  // The last one may still be on the stack.
  expect(usedHeap() - before).toBeLessThan(25_000_000);
});

test('survives an operation that takes more memory than there is', async () => {
  const planner = await start({ heapMb: 96 });
  const [greedy, waited] = await Promise.allSettled([
    planner.plan({ text: large(400_000), overrides: [] }),
    planner.plan(QUICK),
  ]);
  expect(greedy).toMatchObject({ reason: { failure: 'crashed', message: expect.stringMatching(/memory/) as string } });
  expect(waited).toMatchObject({ value: { node: { kind: 'Fetch' } } });
});

test('plans as many operations at one time as it has threads', async () => {
  const planner = await start({ threads: 2, planTimeoutMs: 60_000 });
  let isLargePlanned = false;
  const slow = planner.plan({ text: large(10_000), overrides: [] }).then(() => {
    isLargePlanned = true;
  });
  await planner.plan(QUICK);
  expect(isLargePlanned).toBe(false);
  await slow;
});

test('ends after what is under way, and takes nothing new', async () => {
  const planner = await start();
  const underWay = [planner.plan(QUICK), planner.plan({ text: '{ m { name } }', overrides: [] })];
  const closed = planner.close();
  await expect(planner.plan({ text: '{ m { id } }', overrides: [] })).rejects.toMatchObject({ failure: 'closed' });
  expect(await Promise.all(underWay)).toHaveLength(2);
  await closed;
});

test('a planner that is no longer needed still plans for operations that started with it', async () => {
  const planner = await start();
  planner.retire();
  expect(await planner.plan(QUICK)).toMatchObject({ node: { kind: 'Fetch' } });
});

test('rejects what is no supergraph', async () => {
  await expect(startPlannerPool('type Query {', OPTIONS)).rejects.toThrow(/Syntax Error/);
});

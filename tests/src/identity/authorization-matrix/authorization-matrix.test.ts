import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { GraphAnswer } from '../../graph/index.js';
import { openBus } from '../../operations/bus.js';
import { makeCallers } from './actors.js';
import type { Caller, Callers } from './actors.js';
import { guardedFields, hiddenRootFields, UNKNOWN_ID } from './guarded-fields.js';
import type { GuardedField } from './guarded-fields.js';
import { OPERATIONS, REACH } from './operations.js';
import type { Row } from './operations.js';
import { ACTORS, outcomesOf } from './rules.js';
import type { Actor, Outcome } from './rules.js';
import { exportOf, OWNED } from './world.js';
import type { World } from './world.js';

const REFUSALS: readonly string[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'STEP_UP_REQUIRED'];
/** What an operation answers that was let in, and did not like its arguments. */
const AFTERWARDS: readonly string[] = ['BAD_USER_INPUT', 'RATE_LIMITED'];

const fields = guardedFields();
const known = fields.flatMap((field) => {
  const row = OPERATIONS[field.name];
  return row === undefined ? [] : [{ ...field, row }];
});
const calls = known.filter(({ type }) => type !== 'Subscription');
const subscriptions = known.filter(({ type }) => type === 'Subscription');

let world: World;
/** Exports of those who can ask for one, by their user ids. */
const exports = new Map<string | null, string>();
beforeAll(async () => {
  const platform = await startPlatform({ mode: 'test', env: { EVENT_RETRY_ATTEMPTS: '1' } });
  const bus = openBus(platform);
  // At once, so that what follows is stopped whatever fails.
  world = { platform, bus, callers: {} as Callers };
  world = { platform, bus, callers: await makeCallers(platform) };
  for (const caller of [world.callers.member, world.callers.owner, world.callers.administrator])
    exports.set(caller.userId, await exportOf(caller));
}, 90_000);
afterAll(async () => {
  await world?.bus.close();
  await world?.platform.stop();
});

test('ID-77: every operation and every guarded field has a row, and every row is one', () => {
  expect(Object.keys(OPERATIONS).toSorted()).toEqual(fields.map(({ name }) => name).toSorted());
});

test('ID-77: each has the rule that its row says', () => {
  const rules = Object.fromEntries(known.map(({ name, rule }) => [name, rule]));
  expect(rules).toEqual(Object.fromEntries(known.map(({ name, row }) => [name, row.rule])));
});

test('ID-77: operations that are for the gateway alone cannot be asked for by a client', async () => {
  for (const name of hiddenRootFields()) {
    const [type = '', field = ''] = name.split('.');
    const { data, errors } = await world.callers.administrator.client.query(`${type.toLowerCase()} { ${field} }`);
    expect([data, errors[0]?.extensions['code']]).toEqual([null, 'GRAPHQL_VALIDATION_FAILED']);
  }
});

test.each(calls.filter(({ row }) => row.spends !== true))('ID-77: $name', async ({ row, ...field }) => {
  const outcomes = await ofEverybody(async (actor) => outcomeOf(await call(world.callers[actor], { field, row })));
  expect(outcomes).toEqual(expectedOf(row));
});

test.each(calls.filter(({ row }) => row.spends === true))('ID-77: $name', async ({ row, ...field }) => {
  const callers = await makeCallers(world.platform);
  const outcomes: Partial<Record<Actor, Outcome>> = {};
  // Whoever impersonates does so as long as the session is there in which they began: before its turn.
  for (const actor of ACTORS.toReversed()) outcomes[actor] = outcomeOf(await call(callers[actor], { field, row }));
  expect(outcomes).toEqual(expectedOf(row));
});

test.each(known.filter(({ row }) => row.of !== undefined))(
  'ID-77: $name tells who may not see it the same of what is there and of what is not',
  async ({ row, ...field }) => {
    const id = await OWNED[row.of ?? 'session'](world);
    const told = async (actor: Actor, asked: string): Promise<string> =>
      anonymised(await call(world.callers[actor], { field, row, id: asked }), asked);
    for (const actor of ['anonymous', 'member', 'bareKey'] as const)
      expect([actor, await told(actor, id)]).toEqual([actor, await told(actor, UNKNOWN_ID)]);
    // The owner, last of all, is told something else: it was there.
    expect(await told('owner', id)).not.toBe(await told('owner', UNKNOWN_ID));
  },
);

test.each(subscriptions)('ID-77: $name', async ({ row, ...field }) => {
  const outcomes = await ofEverybody((actor) => subscribed(world.callers[actor], { field, row }));
  expect(outcomes).toEqual(expectedOf(row));
});

async function ofEverybody(outcome: (actor: Actor) => Promise<Outcome>): Promise<Partial<Record<Actor, Outcome>>> {
  const found = await Promise.all(ACTORS.map(async (actor) => [actor, await outcome(actor)] as const));
  return Object.fromEntries(found);
}

/** By the rule, but for what the row excepts. */
function expectedOf({ rule, except }: Row): Readonly<Record<Actor, Outcome>> {
  return { ...outcomesOf(rule), ...except?.outcomes };
}

interface Call {
  readonly field: GuardedField;
  readonly row: Row;
  /** In place of one that nothing has. */
  readonly id?: string;
}

function documentFor({ userId }: Caller, { field, row, id = UNKNOWN_ID }: Call): string {
  const args = row.args === undefined ? field.arguments : `(${row.args})`;
  const reach = row.reach ?? REACH[field.type];
  if (reach === undefined) throw new Error(`how does one come to a ${field.type}? Add it to REACH.`);
  return reach
    .replace('FIELD', `${field.field}${args} ${row.selection ?? field.selection}`)
    .replaceAll('$owner', world.callers.owner.userId ?? UNKNOWN_ID)
    .replaceAll('$export', exports.get(userId) ?? UNKNOWN_ID)
    .replaceAll('$id', id);
}

function call(caller: Caller, asked: Call): Promise<GraphAnswer> {
  return caller.client.query(documentFor(caller, asked));
}

function outcomeOf({ data, errors }: Pick<GraphAnswer, 'data' | 'errors'>): Outcome {
  const codes = errors.map(({ extensions }) => String(extensions['code']));
  const refusal = codes.find((code) => REFUSALS.includes(code));
  if (refusal !== undefined) return refusal as Outcome;
  const isExecuted = errors.every(({ path }) => path !== undefined) && codes.every((code) => AFTERWARDS.includes(code));
  if (!isExecuted) throw new Error(`neither allowed nor refused: ${JSON.stringify({ data, errors })}`);
  return 'allowed';
}

/** An answer without what tells one request from another, and without the id that was asked for. */
function anonymised({ status, data, errors }: GraphAnswer, id: string): string {
  const told = errors.map(({ message, path, extensions: { requestId: _its, ...extensions } }) => ({
    message,
    path,
    extensions,
  }));
  return JSON.stringify({ status, data, told }).replaceAll(id, 'ID');
}

/** Refused, or allowed as its first event shows. */
async function subscribed(caller: Caller, asked: Call): Promise<Outcome> {
  const stream = await caller.client.subscribe(documentFor(caller, asked)).catch(refusalIn);
  if (typeof stream === 'string') return stream;
  let isOver = false;
  const first = stream
    .next()
    .then(({ data, errors }: Partial<GraphAnswer>) => outcomeOf({ data, errors: errors ?? [] }), refusalIn)
    .finally(() => (isOver = true));
  const happens = eventually(
    async () => {
      if (caller.userId !== null) await asked.row.happen?.(caller, world);
      return isOver;
    },
    { within: 15_000, every: 250 },
  );
  try {
    const [outcome] = await Promise.all([first, happens]);
    return outcome;
  } finally {
    await stream.stop();
  }
}

function refusalIn(error: unknown): Outcome {
  const code = /"code":"(\w+)"/.exec(String(error))?.[1];
  if (code === undefined || !REFUSALS.includes(code)) throw error;
  return code as Outcome;
}

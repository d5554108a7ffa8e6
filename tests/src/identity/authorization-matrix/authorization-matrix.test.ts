import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { eventually } from '@orion/platform/testing';
import { signIn } from '../../graph/index.js';
import type { GraphAnswer } from '../../graph/index.js';
import { makeCallers } from './actors.js';
import type { Caller, Callers } from './actors.js';
import { guardedFields, hiddenRootFields, UNKNOWN_ID } from './guarded-fields.js';
import type { GuardedField } from './guarded-fields.js';
import { OPERATIONS, REACH } from './operations.js';
import type { OwnedIds, Row } from './operations.js';
import { ACTORS, outcomesOf } from './rules.js';
import type { Actor, Outcome } from './rules.js';

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

let platform: Platform;
let callers: Callers;
let ids: OwnedIds;
beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  callers = await makeCallers(platform);
  ids = await ownedIds();
}, 90_000);
afterAll(() => platform?.stop());

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
    const { data, errors } = await callers.administrator.client.query(`${type.toLowerCase()} { ${field} }`);
    expect([data, errors[0]?.extensions['code']]).toEqual([null, 'GRAPHQL_VALIDATION_FAILED']);
  }
});

test.each(calls)('ID-77: $name', async ({ row, ...field }) => {
  const everybody = row.spends === true ? await makeCallers(platform) : callers;
  const outcomes: Partial<Record<Actor, Outcome>> = {};
  for (const actor of ACTORS) outcomes[actor] = outcomeOf(await call(everybody[actor], { field, row, id: UNKNOWN_ID }));
  expect(outcomes).toEqual(expectedOf(row));
});

test.each(known.filter(({ row }) => row.of !== undefined))(
  'ID-77: who may not see it is told the same by $name of what is there and of what is not',
  async ({ row, ...field }) => {
    const id = ids[row.of ?? 'user'];
    const told = async (actor: Actor, asked: string) =>
      anonymised(await call(callers[actor], { field, row, id: asked }), asked);
    for (const actor of ['anonymous', 'member', 'bareKey'] as const)
      expect([actor, await told(actor, id)]).toEqual([actor, await told(actor, UNKNOWN_ID)]);
  },
);

test.each(subscriptions)(
  'ID-77: $name',
  async ({ row, ...field }) => {
    const outcomes: Partial<Record<Actor, Outcome>> = {};
    for (const actor of ACTORS) outcomes[actor] = await subscribed(callers[actor], { field, row });
    expect(outcomes).toEqual(expectedOf(row));
  },
  60_000,
);

/** By the rule, but for what the row excepts. */
function expectedOf({ rule, except }: Row): Readonly<Record<Actor, Outcome>> {
  return { ...outcomesOf(rule), ...except?.outcomes };
}

interface Call {
  readonly field: GuardedField;
  readonly row: Row;
  readonly id: string;
}

function documentOf({ field, row, id }: Call): string {
  const text = `${field.field}${row.args === undefined ? field.arguments : `(${row.args})`} ${field.selection}`;
  const reach = row.reach ?? REACH[field.type] ?? `${field.type.toLowerCase()} { FIELD }`;
  return reach
    .replace('FIELD', text)
    .replaceAll('$owner', callers.owner.userId ?? '')
    .replaceAll('$id', id);
}

function call({ client }: Caller, asked: Call): Promise<GraphAnswer> {
  return client.query(documentOf(asked));
}

function outcomeOf({ status, data, errors }: GraphAnswer): Outcome {
  const codes = errors.map(({ extensions }) => String(extensions['code']));
  const refusal = codes.find((code) => REFUSALS.includes(code));
  if (refusal !== undefined) return refusal as Outcome;
  const isExecuted = errors.every(({ path }) => path !== undefined) && codes.every((code) => AFTERWARDS.includes(code));
  if (!isExecuted) throw new Error(`neither allowed nor refused: ${JSON.stringify({ status, data, errors })}`);
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
async function subscribed(caller: Caller, { field, row }: Omit<Call, 'id'>): Promise<Outcome> {
  const document = documentOf({ field, row, id: UNKNOWN_ID }).replace(/^subscription \{/, 'subscription {');
  const stream = await caller.client.subscribe(document).catch((error: unknown) => refusalIn(error));
  if (typeof stream === 'string') return stream;
  let isOver = false;
  const first = stream
    .next()
    .then((): Outcome => 'allowed', refusalIn)
    .finally(() => (isOver = true));
  const happens = eventually(
    async () => {
      await row.happen?.(caller, callers.administrator.client);
      return isOver;
    },
    { within: 15_000, every: 100 },
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

async function ownedIds(): Promise<OwnedIds> {
  const owner = await signIn(platform.url, { email: 'alice@orion.test', password: 'orion-demo' });
  const notification = await eventually(async () => {
    const { data } = await owner.client.query('{ me { notifications(first: 1) { nodes { id } } } }');
    return data?.me.notifications.nodes[0]?.id as string | undefined;
  });
  return { user: owner.userId, session: owner.sessionId, notification };
}

import { randomUUID } from 'node:crypto';
import { eventually } from '@orion/platform/testing';
import { connectClient } from '../testing/test-client.js';
import { startViewerGraph } from '../testing/viewer-graph.js';
import type { ViewerGraph } from '../testing/viewer-graph.js';

const READ = 'user:read:any';
const SEND = 'notification:send:any';

let graph: ViewerGraph;

beforeAll(async () => {
  graph = await startViewerGraph();
});

afterAll(() => graph.stop());

afterEach(() => eventually(() => graph.subgraph.liveSubscriptions() === 0));

interface Person {
  readonly userId: string;
  readonly sessionId: string;
  readonly authorization: string;
}

/** A person of whom nothing was announced yet, with READ and SEND at version 3. */
async function somebody(claims: Readonly<Record<string, unknown>> = {}): Promise<Person> {
  const [userId, sessionId] = [randomUUID(), randomUUID()];
  const token = await graph.issuer.token({
    claims: { sub: userId, sid: sessionId, permissions: [READ, SEND], pv: 3, ...claims },
  });
  return { userId, sessionId, authorization: `Bearer ${token}` };
}

const permissionsOf = async ({ authorization }: Person) => (await graph.viewerOf(authorization))?.permissions;
const change = ({ userId }: Person, permissions: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
  graph.announce('role.revoked', { userId, role: 'EDITOR', permissions, version: 4, ...more });

async function statusOf({ authorization }: Person): Promise<number> {
  return (await graph.gateway.ask('{ viewer { userId } }', { headers: { authorization } })).status;
}

/** Resolves when the gateway has heard what was announced before. */
async function heard(): Promise<void> {
  const marker = await somebody();
  await graph.announce('role.assigned', { userId: marker.userId, role: 'R', permissions: ['marker'], version: 9 });
  await eventually(async () => (await permissionsOf(marker))?.[0] === 'marker');
}

test('ID-83: a role that is taken away is gone within a second, with a token that still has it', async () => {
  const person = await somebody();
  expect(await permissionsOf(person)).toEqual([READ, SEND]);
  const changedAt = Date.now();
  await change(person, [READ]);
  await eventually(async () => (await permissionsOf(person))?.length === 1, { every: 10 });
  expect(Date.now() - changedAt).toBeLessThan(1_000);
  expect(await permissionsOf(person)).toEqual([READ]);
});

test('ID-83: a role that is assigned, and any other change of permissions, is there with the next request', async () => {
  for (const type of ['role.assigned', 'permissions.changed']) {
    const person = await somebody({ permissions: [] });
    await graph.announce(type, { userId: person.userId, role: 'EDITOR', permissions: [READ], version: 4 });
    await eventually(async () => (await permissionsOf(person))?.[0] === READ);
  }
});

test('an announcement that is older than the token, or than another, changes nothing', async () => {
  const person = await somebody();
  const newer = await somebody({ sub: person.userId, pv: 7, permissions: [SEND] });
  await change(person, [READ], { version: 3 });
  await heard();
  expect(await permissionsOf(person)).toEqual([READ, SEND]);
  await change(person, [], { version: 6 });
  await change(person, [READ], { version: 5 });
  await heard();
  expect(await permissionsOf(person)).toEqual([]);
  expect(await permissionsOf(newer)).toEqual([SEND]);
});

test('ID-82: expiries and rules count for each request, from a token as from an announcement', async () => {
  const now = Math.floor(Date.now() / 1_000);
  const denied = { id: '1', effect: 'deny', permission: SEND, condition: { ip: { in: ['127.0.0.0/8'] } } };
  const elsewhere = { ...denied, condition: { ip: { in: ['192.0.2.0/24'] } } };
  const unheardOf = { ...denied, condition: { moonPhase: 'full' } };
  const allowed = { ...denied, effect: 'allow', permission: 'x:y:any', condition: { method: { has: 'pwd' } } };
  expect(await permissionsOf(await somebody({ pexp: { [READ]: now - 1, [SEND]: now + 60 } }))).toEqual([SEND]);
  expect(await permissionsOf(await somebody({ prules: [denied] }))).toEqual([READ]);
  expect(await permissionsOf(await somebody({ prules: [elsewhere] }))).toEqual([READ, SEND]);
  expect(await permissionsOf(await somebody({ prules: [unheardOf] }))).toEqual([READ]);
  expect(await permissionsOf(await somebody({ prules: [allowed] }))).toEqual([READ, SEND, 'x:y:any']);
  const person = await somebody();
  await change(person, [READ, SEND], { rules: [denied], expiries: { [READ]: now - 1 } });
  await eventually(async () => (await permissionsOf(person))?.length === 0);
});

test('a token whose grants cannot be read is refused', async () => {
  for (const claims of [{ prules: [{ id: '1' }] }, { prules: 'none' }, { pexp: { [READ]: 'soon' } }, { pv: 'x' }]) {
    expect(await statusOf(await somebody(claims))).toBe(401);
  }
});

test('who impersonates is told to the subgraphs', async () => {
  const person = await somebody({ act: { sub: 'the-administrator' } });
  expect(await graph.viewerOf(person.authorization)).toMatchObject({
    kind: 'session',
    userId: person.userId,
    impersonatorId: 'the-administrator',
  });
  expect(await graph.viewerOf((await somebody()).authorization)).toMatchObject({ impersonatorId: null });
  expect(await statusOf(await somebody({ act: { client: 'x' } }))).toBe(401);
});

test('ID-90: under impersonation nobody has more than the token says, than the user, or than the administrator', async () => {
  const administratorId = randomUUID();
  const person = await somebody({ act: { sub: administratorId } });
  const marker = 'x:y:any';
  await change(person, [READ, SEND, marker]);
  await heard();
  expect(await permissionsOf(person)).toEqual([READ, SEND]);
  await graph.announce('role.revoked', { userId: administratorId, role: 'R', permissions: [SEND], version: 1 });
  await eventually(async () => (await permissionsOf(person))?.length === 1);
  expect(await permissionsOf(person)).toEqual([SEND]);
  await change(person, [READ], { version: 5 });
  await eventually(async () => (await permissionsOf(person))?.length === 0);
  await graph.announce('user.suspended', { userId: administratorId });
  await eventually(async () => (await statusOf(person)) === 401);
});

test.each(['user.suspended', 'user.deleted'])('%s: every token of the user is refused', async (type) => {
  const person = await somebody();
  const untouched = await somebody();
  const client = connectClient(graph.gateway.socketUrl, { authorization: person.authorization });
  client.subscribe('subscription { ticks }');
  await eventually(() => graph.subgraph.liveSubscriptions() === 1);
  await graph.announce(type, { userId: person.userId });
  await eventually(() => client.closes.length === 1);
  expect(client.closes[0]).toMatchObject({ code: 4403, reason: 'The account is not active any more' });
  const { status, errors } = await graph.gateway.ask('{ viewer { userId } }', {
    headers: { authorization: person.authorization },
  });
  expect(status).toBe(401);
  expect(errors?.[0]).toMatchObject({
    message: 'The account is not active any more.',
    extensions: { code: 'UNAUTHENTICATED' },
  });
  const again = connectClient(graph.gateway.socketUrl, { authorization: person.authorization });
  await expect(again.ask('{ viewer { userId } }')).rejects.toMatchObject({ code: 4403 });
  expect(await statusOf(untouched)).toBe(200);
});

test('after a reactivation new tokens are good', async () => {
  const person = await somebody();
  await graph.announce('user.suspended', { userId: person.userId });
  await eventually(async () => (await statusOf(person)) === 401);
  await graph.announce('user.reactivated', { userId: person.userId });
  await eventually(async () => (await statusOf(person)) === 200);
});

describe('on an open socket', () => {
  test('ID-83: the next operation has the permissions of its own moment', async () => {
    const person = await somebody();
    const client = connectClient(graph.gateway.socketUrl, { authorization: person.authorization });
    // Keeps the socket open between the others.
    const listening = client.subscribe('subscription { ticks }');
    const ask = async () => {
      const { data } = await client.ask('{ viewer { permissions } }');
      return (data as { readonly viewer: { readonly permissions: readonly string[] } }).viewer.permissions;
    };
    expect(await ask()).toEqual([READ, SEND]);
    await change(person, [READ, SEND, 'x:y:any']);
    await eventually(async () => (await ask()).length === 3);
    expect(client.closes).toEqual([]);
    listening.stop();
    await client.close();
  });

  test('ID-75: who loses a permission that it subscribed with is cut off with 4403, and told why', async () => {
    const person = await somebody();
    const client = connectClient(graph.gateway.socketUrl, { authorization: person.authorization });
    const { results } = client.subscribe('subscription { ticks }');
    await eventually(() => graph.subgraph.liveSubscriptions() === 1);
    await change(person, [SEND]);
    await eventually(() => client.closes.length === 1);
    expect(client.closes[0]).toMatchObject({ code: 4403, reason: 'Permissions were taken away' });
    graph.tick();
    await eventually(() => graph.subgraph.liveSubscriptions() === 0);
    expect(results).toEqual([]);
  });

  test('more permissions end nothing', async () => {
    const person = await somebody();
    const client = connectClient(graph.gateway.socketUrl, { authorization: person.authorization });
    const { results } = client.subscribe('subscription { ticks }');
    await eventually(() => graph.subgraph.liveSubscriptions() === 1);
    await graph.announce('role.assigned', {
      userId: person.userId,
      role: 'R',
      permissions: [READ, SEND, 'x:y:any'],
      version: 4,
    });
    await heard();
    graph.tick();
    await eventually(() => results.length === 1);
    expect(client.closes).toEqual([]);
    await client.close();
  });

  test('ID-82: a permission that runs out while its holder listens ends that at its second', async () => {
    const end = Math.floor(Date.now() / 1_000) + 2;
    const person = await somebody({ pexp: { [READ]: end } });
    const client = connectClient(graph.gateway.socketUrl, { authorization: person.authorization });
    client.subscribe('subscription { ticks }');
    await eventually(() => client.closes.length === 1);
    expect(client.closes[0]).toMatchObject({ code: 4403, reason: 'Permissions were taken away' });
    expect(Date.now()).toBeGreaterThanOrEqual(end * 1_000);
  });

  test('a stream over HTTP ends with the same reason', async () => {
    const person = await somebody();
    const response = await fetch(graph.gateway.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: person.authorization,
      },
      body: JSON.stringify({ query: 'subscription { ticks }' }),
    });
    const text = response.text();
    await eventually(() => graph.subgraph.liveSubscriptions() === 1);
    await change(person, []);
    expect(await text).toMatch(/Permissions were taken away[^\n]*FORBIDDEN/);
  });
});

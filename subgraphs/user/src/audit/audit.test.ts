import { auditRecorded, userDeleted } from '@orion/platform/event-contracts';
import { CONTEXT_HEADER } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import { eventually, openTestBus, startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestBus, TestSubgraph } from '@orion/platform/testing';
import { createClient } from 'graphql-ws';
import { DataSource } from 'typeorm';
import { WebSocket } from 'ws';
import { subgraph } from '../subgraph.js';
import { appendToAuditLog } from './audit-append.js';
import type { NewAuditRecord } from './audit-append.js';
import { auditHash } from './audit-chain.js';

const auditor = testViewer({ permissions: ['audit:read:any'] });

let running: TestSubgraph;
let bus: TestBus;

beforeAll(async () => {
  running = await startTestSubgraph(subgraph);
  bus = await openTestBus(running, { group: 'user.audit' });
});
beforeEach(() =>
  tamper(`TRUNCATE audit_logs, audit_clients; UPDATE audit_chain SET sequence = 0, hash = repeat('0', 64)`),
);
afterAll(async () => {
  await bus?.stop();
  await running?.stop();
});

type AuditData = Parameters<typeof auditRecorded.of>[0];

const recordOf = (overrides: Partial<AuditData> = {}) =>
  auditRecorded.of({
    auditId: uuidv7(),
    actorType: 'user',
    actorId: uuidv7(),
    action: 'dead_letter.discard_requested',
    outcome: 'success',
    targets: [{ type: 'event', id: uuidv7() }],
    service: 'notification',
    reason: 'it was a test',
    ip: '203.0.113.9',
    userAgent: 'curl/8',
    details: { group: 'analytics', nested: [1, null, { z: 1, a: 0.1 }] },
    occurredAt: new Date().toISOString(),
    ...overrides,
  });

async function record(overrides: Partial<AuditData> = {}): Promise<AuditData> {
  const event = recordOf(overrides);
  await bus.taken(await bus.deliver(event));
  return event.data;
}

async function list(filter: Record<string, unknown> = {}) {
  const { data, errors } = await running.query(
    `query ($filter: AuditLogFilter) { auditLogs(filter: $filter, first: 50) { nodes {
       id sequence actorType actorName actor { id } action outcome targets { type id } service reason
       requestId correlationId details ip userAgent hash previousHash occurredAt recordedAt } } }`,
    { viewer: auditor, variables: { filter } },
  );
  expect(errors).toEqual([]);
  return data.auditLogs.nodes;
}

async function verify(anchor?: { readonly sequence: number; readonly hash: string }) {
  const { data, errors } = await running.query(
    `query ($anchor: AuditAnchorInput) { verifyAuditLog(anchor: $anchor) {
       isIntact checked lastSequence lastHash firstFault { kind sequence recordId day message } } }`,
    { viewer: auditor, variables: { anchor } },
  );
  expect(errors).toEqual([]);
  return data.verifyAuditLog;
}

/** As a superuser who means harm. */
async function tamper(statement: string): Promise<void> {
  await bus.sql(`ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_only_grow`);
  await bus.sql(statement);
  await bus.sql(`ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_only_grow`);
}

test('what services tell is listed newest first, linked into a chain, once', async () => {
  const first = await record();
  const event = await bus.deliver(recordOf());
  await bus.taken(event);
  await bus.redeliver(event);
  // The same record in another event, as after a replay that the inbox does not remember.
  await bus.taken(await bus.deliver(auditRecorded.of(event.data as AuditData)));
  const [second, oldest, ...others] = await list();
  expect(others).toEqual([]);
  expect(oldest).toMatchObject({
    id: first.auditId,
    sequence: 1,
    actorType: 'USER',
    actorName: first.actorId,
    actor: null,
    action: first.action,
    outcome: 'SUCCESS',
    targets: first.targets,
    service: 'notification',
    reason: 'it was a test',
    details: first.details,
    ip: '203.0.113.9',
    userAgent: 'curl/8',
    previousHash: '0'.repeat(64),
  });
  expect(second).toMatchObject({ sequence: 2, previousHash: oldest.hash, requestId: event.causationId });
  expect(await verify()).toMatchObject({ isIntact: true, checked: 2, firstFault: null, lastHash: second.hash });
});

test('it is filtered by actor, action, outcome, target and time', async () => {
  const wanted = await record({ action: 'role.assigned', outcome: 'denied', occurredAt: '2030-01-02T00:00:00.000Z' });
  await record();
  const ids = async (filter: Record<string, unknown>) => (await list(filter)).map(({ id }: { id: string }) => id);
  for (const filter of [
    { actorId: wanted.actorId },
    { action: 'role.assigned' },
    { outcome: 'DENIED' },
    { targetType: 'event', targetId: wanted.targets[0]?.id },
    { occurredAfter: '2030-01-01T00:00:00Z', occurredBefore: '2030-01-03T00:00:00Z' },
  ])
    expect(await ids(filter)).toEqual([wanted.auditId]);
  expect(await ids({ action: 'role.assigned', outcome: 'SUCCESS' })).toEqual([]);
  expect(await ids({ targetType: 'event' })).toHaveLength(2);
});

test('it is shown to nobody without audit:read:any', async () => {
  await record();
  const stranger = testViewer({ permissions: ['audit:read:own'] });
  for (const [viewer, code] of [
    [null, 'UNAUTHENTICATED'],
    [stranger, 'FORBIDDEN'],
  ] as const) {
    const { data, errors } = await running.query('{ auditLogs { nodes { id } } verifyAuditLog { isIntact } }', {
      viewer,
    });
    expect(data).toEqual({ auditLogs: null, verifyAuditLog: null });
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual([code, code]);
  }
});

test.each([
  ['changed', `UPDATE audit_logs SET reason = 'nothing'`],
  ['deleted', 'DELETE FROM audit_logs'],
  ['emptied', 'TRUNCATE audit_logs'],
])('ID-89: the table refuses to be %s', async (_, statement) => {
  await record();
  await expect(bus.sql(statement)).rejects.toThrow(/audit_logs only grows/);
  await expect(bus.sql(`SET session_replication_role = replica; ${statement}`)).rejects.toThrow(/only grows/);
  expect(await list()).toHaveLength(1);
});

describe('ID-89: a superuser who gets past that is found out', () => {
  let records: readonly AuditData[];
  beforeEach(async () => {
    records = [await record(), await record(), await record()];
  });
  const today = () => new Date().toISOString().slice(0, 10);

  test('by a changed record, which is named with its day', async () => {
    await tamper(`UPDATE audit_logs SET reason = 'nothing' WHERE sequence = 2`);
    expect(await verify()).toMatchObject({
      isIntact: false,
      checked: 1,
      firstFault: { kind: 'RECORD_CHANGED', sequence: 2, recordId: records[1]?.auditId, day: today() },
    });
  });

  test('by a changed record whose own hash was computed anew', async () => {
    await tamper(`UPDATE audit_logs SET reason = 'nothing', hash = repeat('a', 64) WHERE sequence = 2`);
    expect((await verify()).firstFault).toMatchObject({ kind: 'RECORD_CHANGED', sequence: 2 });
    const [row] = await bus.sql<Record<string, never>>(
      `SELECT id, sequence::int, occurred_at AS "occurredAt", recorded_at AS "recordedAt", actor_type AS "actorType",
         actor_id AS "actorId", action, outcome, targets, service, reason, request_id AS "requestId",
         correlation_id AS "correlationId", details, client_digest AS "clientDigest", previous_hash AS "previousHash"
       FROM audit_logs WHERE sequence = 2`,
    );
    const forged = auditHash(row as never, String(row?.['previousHash']));
    await tamper(`UPDATE audit_logs SET hash = '${forged}' WHERE sequence = 2`);
    expect((await verify()).firstFault).toMatchObject({ kind: 'RECORD_CHANGED', sequence: 2 });
  });

  test('by a record that is gone, in the middle or at the end', async () => {
    await tamper('DELETE FROM audit_logs WHERE sequence = 3');
    expect((await verify()).firstFault).toMatchObject({ kind: 'RECORD_MISSING', sequence: 3, day: null });
    await tamper('DELETE FROM audit_logs WHERE sequence = 1');
    expect((await verify()).firstFault).toMatchObject({ kind: 'RECORD_MISSING', sequence: 1, day: today() });
  });

  test('by a changed client', async () => {
    await bus.sql(`UPDATE audit_clients SET ip = '198.51.100.1' WHERE audit_id = $1`, [records[1]?.auditId]);
    expect((await verify()).firstFault).toMatchObject({ kind: 'CLIENT_CHANGED', sequence: 2 });
  });

  test('by a hash that was noted earlier, when the whole log is written anew', async () => {
    const { lastSequence, lastHash } = await verify();
    const anchor = { sequence: lastSequence, hash: lastHash };
    expect(await verify(anchor)).toMatchObject({ isIntact: true });
    await record();
    expect(await verify(anchor)).toMatchObject({ isIntact: true, checked: 4 });
    expect(await verify({ ...anchor, hash: 'a'.repeat(64) })).toMatchObject({
      isIntact: false,
      checked: 0,
      firstFault: { kind: 'ANCHOR_DIFFERS', sequence: 3 },
    });
    expect((await verify({ sequence: 9, hash: lastHash })).firstFault).toMatchObject({ kind: 'ANCHOR_DIFFERS' });
  });
});

test('ID-88: when a person is deleted, from where they acted is forgotten, and the log stays intact', async () => {
  const { actorId } = await record();
  await record();
  await bus.taken(await bus.deliver(userDeleted.of({ userId: String(actorId) })));
  const [other, erased] = await list();
  expect(erased).toMatchObject({ actorName: actorId, ip: null, userAgent: null });
  expect(other).toMatchObject({ ip: '203.0.113.9' });
  expect(await verify()).toMatchObject({ isIntact: true, checked: 2 });
});

test('text that Postgres refuses is replaced, and does not break the chain', async () => {
  await record({ reason: 'a\0b \ud800 c', details: { 'k\0': '\udc00' } });
  expect((await list())[0]).toMatchObject({ reason: 'a\ufffdb \ufffd c', details: { 'k\ufffd': '\ufffd' } });
  expect(await verify()).toMatchObject({ isIntact: true, checked: 1 });
});

test('a record that cannot be kept does not keep others out', async () => {
  const events = await Promise.all(
    [{}, { auditId: 'no UUID' }, {}].map((overrides) => bus.deliver(recordOf(overrides))),
  );
  await Promise.all(events.map((event) => bus.taken(event)));
  expect(await list()).toHaveLength(2);
  expect(await verify()).toMatchObject({ isIntact: true, checked: 2 });
  expect(await bus.sql(`SELECT 1 FROM parked_events WHERE grp = 'user.audit' AND state = 'retry'`)).toHaveLength(1);
});

test('of processes that append at the same time each gets its place', async () => {
  const database = await new DataSource({ type: 'postgres', url: running.databaseUrl, poolSize: 8 }).initialize();
  try {
    const nextRecord = (index: number): NewAuditRecord => ({
      id: uuidv7(),
      occurredAt: new Date(),
      actorType: 'SYSTEM',
      actorId: null,
      action: 'test.done',
      outcome: 'SUCCESS',
      targets: [{ type: 'test', id: String(index) }],
      service: 'user',
      reason: null,
      requestId: 'r',
      correlationId: 'c',
      details: {},
      ip: null,
      userAgent: null,
    });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        database.transaction((manager) => appendToAuditLog(manager, [nextRecord(index), nextRecord(index)])),
      ),
    );
  } finally {
    await database.destroy();
  }
  expect(await verify()).toMatchObject({ isIntact: true, checked: 80, lastSequence: 80 });
});

test('subscribers see each record as it comes in, in order', async () => {
  const before = await record();
  const client = createClient({
    url: running.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { [CONTEXT_HEADER]: await running.sign('', auditor) },
    retryAttempts: 0,
  });
  const stream = client.iterate<{ auditLogAdded: { id: string; sequence: number } }>({
    query: 'subscription { auditLogAdded { id sequence } }',
  });
  const seen: { id: string; sequence: number }[] = [];
  const reading = (async () => {
    for await (const { data } of stream) if (data) seen.push(data.auditLogAdded);
  })();
  // The subscription is running when its first record arrives: until then, records are written.
  while (seen.length === 0) await record();
  const last = await record();
  await eventually(() => seen.at(-1)?.id === last.auditId);
  expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => (seen[0]?.sequence ?? 0) + index));
  expect(seen.map(({ id }) => id)).not.toContain(before.auditId);
  await client.dispose();
  await reading;
});

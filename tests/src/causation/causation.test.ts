import { randomBytes, randomUUID } from 'node:crypto';
import { notificationDelivered, notificationSent, userCreated, userRegistered } from '@orion/platform/event-contracts';
import { createTransport } from '@orion/platform/events';
import type { EventContract, EventEnvelope, EventTransport } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import { createGraphClient } from '../graph/graph-client.js';
import { newcomerPassword, signIn, verificationToken } from '../graph/people.js';

let platform: Platform;
let log: EventTransport;
let analytics: pg.Client;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  const kafkaBrokers = process.env['KAFKA_BROKERS'];
  log = createTransport({
    ...(kafkaBrokers === undefined || kafkaBrokers === ''
      ? { busDatabaseUrl: platform.databaseUrls['bus'] }
      : { kafkaBrokers }),
    clientId: 'test',
    logger: createLogger('test', { level: 'silent' }),
  });
  analytics = new pg.Client({ connectionString: platform.databaseUrls['analytics'] });
  await analytics.connect();
}, 90_000);
afterAll(async () => {
  await analytics?.end();
  await log?.close();
  await platform?.stop();
});

/** All that the log of the bus holds of one undertaking. */
async function eventsOf(correlationId: string): Promise<readonly EventEnvelope[]> {
  const found: EventEnvelope[] = [];
  await log.replay(['orion.*'], {
    from: 'beginning',
    onBatch: (batch) => {
      found.push(...batch.filter((event) => event.correlationId === correlationId));
      return Promise.resolve();
    },
  });
  return found;
}

/** The event of this type in the undertaking, as soon as it is in the log. */
const eventIn = (correlationId: string, { type }: EventContract, where = (_: EventEnvelope) => true) =>
  eventually(async () => (await eventsOf(correlationId)).find((event) => event.type === type && where(event)), {
    within: 30_000,
    every: 200,
  });

const through =
  (channel: string) =>
  ({ data }: EventEnvelope): boolean =>
    (data as { readonly channel: string }).channel === channel;

test('what a request causes names it, hop by hop, through every service to the row in analytics', async () => {
  const [correlationId, email] = [`undertaking-${randomUUID()}`, `${randomUUID()}@example.com`];
  const traceId = `${randomBytes(15).toString('hex')}01`;
  const headersOf = (requestId: string) => ({
    'x-request-id': requestId,
    'x-correlation-id': correlationId,
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  });
  const input = { email, password: newcomerPassword, displayName: 'Erin', locale: 'en' };
  const asked = await createGraphClient(platform.url, { headers: headersOf('request-register') }).query(REGISTER, {
    input,
  });
  expect(asked).toMatchObject({ errors: [], data: { register: { accepted: true, userErrors: [] } } });

  const registered = await eventIn(correlationId, userRegistered);
  const created = await eventIn(correlationId, userCreated);
  const sent = await eventIn(correlationId, notificationSent, through('IN_APP'));
  expect(registered.causationId).toBe('request-register');
  expect(created.causationId).toBe(registered.id);
  expect(sent.causationId).toBe(registered.id);
  // Sent by a job, after the transaction that enqueued it.
  const mailed = await eventIn(correlationId, notificationSent, through('EMAIL'));
  expect(mailed.causationId).toBe(registered.id);
  await eventually(
    async () => {
      const { rows } = await analytics.query<{ id: string }>(
        'SELECT event_id AS id FROM events WHERE event_id = ANY($1)',
        [[registered.id, created.id, sent.id]],
      );
      return rows.length === 3;
    },
    { within: 30_000 },
  );

  const anonymous = createGraphClient(platform.url);
  const token = await verificationToken(anonymous, { email });
  await anonymous.query(VERIFY, { input: { token } });
  const { accessToken, userId } = await signIn(platform.url, { email, password: newcomerPassword });
  const erin = createGraphClient(platform.url, { token: accessToken, headers: headersOf('request-seen') });
  const { notificationId } = sent.data as { readonly notificationId: string };
  const seen = await erin.query(SEEN, { input: { ids: [notificationId] } });
  expect(seen).toMatchObject({ errors: [], data: { markNotificationsSeen: { userErrors: [] } } });
  const delivered = await eventIn(correlationId, notificationDelivered);
  expect(delivered).toMatchObject({ causationId: 'request-seen', actorId: userId, data: { notificationId } });

  const all = await eventsOf(correlationId);
  expect(all.map(({ traceparent }) => traceparent?.split('-')[1])).toEqual(all.map(() => traceId));
  const known = new Set(['request-register', 'request-seen', ...all.map(({ id }) => id)]);
  expect(all.filter(({ causationId }) => !known.has(causationId))).toEqual([]);
}, 120_000);

test('a request that names no undertaking is one; a malformed trace is dropped', async () => {
  const requestId = `request-${randomUUID()}`;
  const headers = { 'x-request-id': requestId, traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` };
  const input = { email: `${randomUUID()}@example.com`, password: newcomerPassword, displayName: 'Finn', locale: 'en' };
  await createGraphClient(platform.url, { headers }).query(REGISTER, { input });
  const sent = await eventIn(requestId, notificationSent, through('IN_APP'));
  const registered = await eventIn(requestId, userRegistered);
  expect(registered).toMatchObject({ causationId: requestId, traceparent: null, actorId: null });
  expect(sent).toMatchObject({ causationId: registered.id, traceparent: null });
}, 60_000);

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accepted userErrors { code path } } }';
const VERIFY = 'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { verified userErrors { code } } }';
const SEEN =
  'mutation ($input: MarkNotificationsSeenInput!) { markNotificationsSeen(input: $input) { userErrors { code } } }';

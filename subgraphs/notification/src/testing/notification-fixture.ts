import { userRegistered } from '@orion/platform/event-contracts';
import { createTransport } from '@orion/platform/events';
import type { EventEnvelope, PendingEvent } from '@orion/platform/events';
import { CONTEXT_HEADER } from '@orion/platform/identity';
import type { Viewer } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import { createLogger } from '@orion/platform/log';
import { createSealer } from '@orion/platform/sealing';
import type { Sealer } from '@orion/platform/sealing';
import { eventually, startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestSubgraph } from '@orion/platform/testing';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import { WebSocket } from 'ws';
import { subgraph } from '../subgraph.js';

/** A subscription as its client sees it. */
export interface TestSubscription {
  // The shape is the query's business; a test reads what it asked for.
  // oxlint-disable-next-line typescript/no-explicit-any
  next(): Promise<any>;
  end(): Promise<void>;
}

/** The notification subgraph with what its tests need beside its API. */
export interface NotificationFixture extends TestSubgraph {
  readonly sealer: Sealer;
  sql<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** Reads the log of the bus. */
  bus<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** Puts events of other subgraphs on the bus. */
  emit(...events: readonly EventEnvelope[]): Promise<void>;
  /** Delivers an event once more, as after a crash between its effect and the record of it. */
  redeliver(event: EventEnvelope): Promise<void>;
  /** Somebody signs up, and is known when it resolves. Without a mail to verify, unless `token` is given. */
  signUp(options?: {
    readonly email?: string;
    readonly displayName?: string;
    readonly token?: string;
  }): Promise<Viewer>;
  /** Sends in-app notifications to one person, one after the other; returns their ids. */
  send(recipient: Viewer, titles: readonly string[]): Promise<string[]>;
  subscribe(
    document: string,
    options: { readonly viewer: Viewer | null; readonly variables?: Readonly<Record<string, unknown>> },
  ): Promise<TestSubscription>;
}

export const sender = testViewer({ permissions: ['notification:send:any'] });

/** An event as its producer publishes it. */
export function envelopeOf({ contract, data }: PendingEvent): EventEnvelope {
  const id = uuidv7();
  const { type, source, topic } = contract;
  const time = new Date().toISOString();
  return {
    id,
    type,
    source,
    topic,
    key: contract.key(data),
    time,
    correlationId: id,
    causationId: id,
    actorId: null,
    data,
  };
}

export async function startNotification(
  environment: Readonly<Record<string, string>> = { ORION_DEMO: 'true' },
): Promise<NotificationFixture> {
  const running = await startTestSubgraph(subgraph, environment);
  const pool = new pg.Pool({ connectionString: running.databaseUrl, max: 4 });
  const log = new pg.Pool({ connectionString: running.busUrl, max: 1 });
  // The databases are dropped below the pools at the end.
  for (const one of [pool, log]) one.on('error', () => undefined);
  const transport = createTransport({
    busDatabaseUrl: running.busUrl,
    clientId: 'test',
    logger: createLogger('test', { level: 'silent' }),
  });
  const sealer = createSealer(running.environment['ORION_SEALING_KEY'] ?? '');
  const sql: NotificationFixture['sql'] = async (statement, values) => (await pool.query(statement, values)).rows;
  const emit: NotificationFixture['emit'] = (...events) => transport.append(events);
  return {
    ...running,
    sealer,
    sql,
    bus: async (statement, values) => (await log.query(statement, values)).rows,
    emit,
    async redeliver(event) {
      // The log refuses an id that it has.
      await log.query('DELETE FROM log WHERE id = $1', [event.id]);
      await emit(event);
    },
    async signUp({ email, displayName = 'Alice', token } = {}) {
      const viewer = testViewer();
      const { userId } = viewer;
      const verificationToken = token === undefined ? null : sealer.seal(token, 'mail:verify-email');
      await emit(
        envelopeOf(
          userRegistered.of({
            userId,
            email: email ?? `${userId}@example.com`,
            displayName,
            locale: 'en',
            verificationToken,
          }),
        ),
      );
      await eventually(
        async () => (await sql('SELECT 1 FROM notifications WHERE recipient_id = $1', [userId])).length > 0,
      );
      return viewer;
    },
    async send({ userId }, titles) {
      const ids = [];
      for (const title of titles) {
        const { data, errors } = await running.query(SEND, {
          viewer: sender,
          variables: { input: { recipientId: userId, type: 'TEST', title } },
        });
        if (errors.length > 0 || data.sendNotification.userErrors.length > 0)
          throw new Error(JSON.stringify({ data, errors }));
        ids.push(data.sendNotification.notifications[0].id);
      }
      return ids;
    },
    async subscribe(query, { viewer, variables = {} }) {
      const client = createClient({
        url: running.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { [CONTEXT_HEADER]: await running.sign('', viewer) },
        retryAttempts: 0,
      });
      const results = client.iterate({ query, variables });
      return {
        async next() {
          const { value } = await results.next();
          return value?.errors === undefined ? value?.data : value;
        },
        async end() {
          await results.return?.();
          await client.dispose();
        },
      };
    },
    async stop() {
      await Promise.all([pool.end(), log.end(), transport.close()]);
      await running.stop();
    },
  };
}

const SEND = `mutation ($input: SendNotificationInput!) {
  sendNotification(input: $input) { notifications { id } userErrors { code path } } }`;

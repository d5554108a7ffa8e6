import { createTransport } from '../events/index.js';
import type { EventEnvelope, PendingEvent } from '../events/index.js';
import { uuidv7 } from '../ids/index.js';
import { createLogger } from '../log/index.js';
import { eventually } from './eventually.js';
import type { TestSubgraph } from './test-subgraph.js';
import { DataSource } from 'typeorm';

/** The bus and the database of a subgraph under test, seen from outside. */
export interface TestBus {
  /** Delivers an event as another service would, and returns its envelope. */
  deliver(event: PendingEvent, overrides?: Partial<EventEnvelope>): Promise<EventEnvelope>;
  /** Delivers an envelope once more. */
  redeliver(envelope: EventEnvelope): Promise<void>;
  /** Resolves when the consumer group of the subgraph has taken effect of the event. */
  taken(envelope: EventEnvelope): Promise<void>;
  /** What is on the bus, in order. */
  published(type: string): Promise<readonly EventEnvelope[]>;
  /** SQL on the subgraph's own database. */
  sql<Row>(statement: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

/** An event as its producer's outbox would hand it to the bus. */
export function envelopeOf({ contract, data }: PendingEvent, overrides: Partial<EventEnvelope> = {}): EventEnvelope {
  const id = uuidv7();
  const { type, source, topic } = contract;
  return {
    id,
    type,
    source,
    topic,
    key: contract.key(data),
    time: new Date().toISOString(),
    correlationId: id,
    causationId: id,
    actorId: null,
    data,
    ...overrides,
  };
}

/** Connects to the bus and the database of a subgraph under test. `group` is its consumer group. */
export async function openTestBus(subgraph: TestSubgraph, { group }: { readonly group: string }): Promise<TestBus> {
  const transport = createTransport({
    busDatabaseUrl: subgraph.busUrl,
    clientId: 'test',
    logger: createLogger('test', { level: 'silent' }),
  });
  const [database, bus] = await Promise.all([connect(subgraph.databaseUrl), connect(subgraph.busUrl)]);
  return {
    async deliver(event, overrides) {
      const envelope = envelopeOf(event, overrides);
      await transport.append([envelope]);
      return envelope;
    },
    async redeliver(envelope) {
      // The bus knows the id and would leave it out: what a consumer may see again is what was delivered again.
      await bus.query('DELETE FROM log WHERE id = $1', [envelope.id]);
      await transport.append([envelope]);
    },
    async taken({ id }) {
      await eventually(async () => {
        const rows: unknown[] = await database.query('SELECT 1 FROM inbox WHERE grp = $1 AND event_id = $2', [
          group,
          id,
        ]);
        return rows.length === 1;
      });
    },
    async published(type) {
      const rows: { readonly envelope: EventEnvelope }[] = await bus.query(
        'SELECT envelope FROM log WHERE type = $1 ORDER BY seq',
        [type],
      );
      return rows.map(({ envelope }) => envelope);
    },
    sql: (statement, parameters = []) => database.query(statement, [...parameters]),
    async stop() {
      await Promise.all([database.destroy(), bus.destroy(), transport.close()]);
    },
  };
}

function connect(url: string): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url }).initialize();
}

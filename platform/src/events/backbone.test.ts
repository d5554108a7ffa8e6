import { randomUUID } from 'node:crypto';
import { eventually } from '../testing/eventually.js';
import { createEventBackbone } from './backbone.js';
import { publish } from './publishing/outbox.js';
import { counted, openEventTestBed, recordEffects, silent } from './testing/event-test-bed.js';
import type { EventTestBed } from './testing/event-test-bed.js';
import { createTransport } from './transport/transport-from-config.js';

const BROKERS = process.env['ORION_TEST_KAFKA_BROKERS'];
let bed: EventTestBed;

beforeAll(async () => {
  bed = await openEventTestBed();
});
afterAll(() => bed.close());

describe('event backbone', () => {
  const transports = [
    ['postgres', () => ({ busDatabaseUrl: bed.busUrl })],
    ...(BROKERS === undefined ? [] : [['kafka', () => ({ kafkaBrokers: BROKERS })] as const]),
  ] as const;

  it.each(transports)(
    'brings an event from a transaction to its effect: %s',
    async (kind, config) => {
      const transport = createTransport({ ...config(), clientId: 'test', logger: silent });
      expect(transport.kind).toBe(kind);
      const backbone = createEventBackbone({
        service: kind,
        dataSource: bed.dataSource,
        databaseUrl: bed.databaseUrl,
        transport,
        logger: silent,
      });
      // Names of their own: the broker may hold what older runs left.
      const topic = `orion.test-${randomUUID()}`;
      const early = `early-${topic}`;
      const late = `late-${topic}`;
      const count = async (group: string) => (await bed.effects(group)).length;
      backbone.consume({ group: early, topics: [topic], ordering: 'key', handle: recordEffects(early) });
      await backbone.start();
      backbone.consume({ group: late, topics: [topic], ordering: 'none', handle: recordEffects(late) });
      expect(() =>
        backbone.consume({ group: late, topics: [], ordering: 'none', handle: recordEffects(late) }),
      ).toThrow(/two consumers/);
      await bed.dataSource.transaction((manager) =>
        publish(manager, [{ contract: { ...counted, topic }, data: { counterId: 'c', n: 1 } }]),
      );
      await eventually(async () => (await count(early)) === 1 && (await count(late)) === 1, { within: 30_000 });
      await backbone.stop();
      await transport.close();
      expect(await count(early)).toBe(1);
    },
    60_000,
  );

  it('needs exactly one transport', () => {
    const rest = { clientId: 'test', logger: silent };
    expect(() => createTransport(rest)).toThrow(/BUS_DATABASE_URL or KAFKA_BROKERS/);
    expect(() => createTransport({ ...rest, busDatabaseUrl: 'postgres://x', kafkaBrokers: 'x:1' })).toThrow(/not both/);
  });
});

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaSasl, KafkaSecurity } from '@orion/platform/config';
import { UnsuitableBrokerError, createTransport } from '@orion/platform/events';
import type { EventEnvelope, EventTransport } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import { createTestAuthority } from '@orion/platform/testing';
import { startKafka } from './index.js';
import type { KafkaBroker } from './index.js';
import { describeWithKafka } from './kafka-tests.js';

const describeSecurity = await describeWithKafka('TLS and SASL on a real broker');

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const PASSWORD = 'correct horse = battery; staple';
const logger = createLogger('test', { level: 'silent' });

function eventOf(topic: string): EventEnvelope {
  const id = randomUUID();
  const cause = { correlationId: id, causationId: id, actorId: null, traceparent: null };
  const time = new Date().toISOString();
  return {
    id,
    type: 'dev.orion.test.v1',
    source: '/test',
    topic,
    key: 'k',
    time,
    data: { n: 1 },
    ...cause,
  };
}

describeSecurity('a real broker with TLS and SASL', () => {
  const authority = createTestAuthority();
  const stranger = createTestAuthority();
  const tls = { ca: authority.ca };
  const client = { ...tls, ...authority.issue({ commonName: 'orion' }) };
  const opened: EventTransport[] = [];
  let broker: KafkaBroker;

  beforeAll(async () => {
    broker = await startKafka({
      protection: {
        certificate: { ...authority.issue({ commonName: 'kafka', names: ['localhost'] }), ca: authority.ca },
        users: { orion: PASSWORD },
        listeners: [
          { name: 'tls', protocol: 'SSL' },
          { name: 'mutual', protocol: 'SSL', wantsClientCertificate: true },
          { name: 'signed', protocol: 'SASL_SSL', mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] },
          { name: 'scram', protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'] },
        ],
      },
    });
  }, 120_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => transport.close()));
  });
  afterAll(() => broker.stop());

  /** A transport, and what it says when it gives up for good. */
  function open(kafkaBrokers: string, kafkaSecurity: KafkaSecurity) {
    const fatal: Error[] = [];
    const transport = createTransport({
      kafkaBrokers,
      kafkaSecurity,
      clientId: 'test',
      logger,
      onFatal: (error) => fatal.push(error),
    });
    opened.push(transport);
    return { transport, fatal };
  }

  function user(mechanism: KafkaSasl['mechanism'], password = PASSWORD): KafkaSecurity {
    return { tls, sasl: { mechanism, username: 'orion', password } };
  }

  test.each<[string, string, () => KafkaSecurity]>([
    ['no protection', '', () => ({})],
    ['TLS', 'tls', () => ({ tls })],
    ['mutual TLS', 'mutual', () => ({ tls: client })],
    ...MECHANISMS.map(
      (mechanism) => [`TLS and ${mechanism}`, 'signed', () => user(mechanism)] as [string, string, () => KafkaSecurity],
    ),
    ['scram-sha-512 without TLS', 'scram', () => ({ sasl: user('scram-sha-512').sasl })],
  ])(
    'events travel with %s',
    async (_, listener, security) => {
      const { transport, fatal } = open(listener === '' ? broker.brokers : broker.addressOf(listener), security());
      const event = eventOf(`orion.test-${randomUUID()}`);
      await transport.append([event]);
      const received = await new Promise<EventEnvelope>((resolve) => {
        void transport.subscribe([event.topic], {
          group: `test-${randomUUID()}`,
          onBatch: (batch) => {
            const found = batch.find(({ id }) => id === event.id);
            if (found !== undefined) resolve(found);
            return Promise.resolve();
          },
        });
      });
      expect(received).toMatchObject({ key: event.key, data: event.data });
      expect(fatal).toEqual([]);
    },
    60_000,
  );

  /** What every use of a transport says that can never work, and that the process is told of it once. */
  async function refusalOf(address: string, security: KafkaSecurity): Promise<string> {
    const { transport, fatal } = open(address, security);
    const outcomes = await Promise.allSettled([
      transport.ping(),
      transport.append([eventOf('orion.test')]),
      transport.tail(['orion.test'], { onEvent: () => undefined }),
    ]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(UnsuitableBrokerError) as Error });
    expect(fatal).toHaveLength(1);
    return (fatal[0]?.message ?? '').replace(address, 'BROKER');
  }

  test('a listener with TLS wants KAFKA_SSL', async () => {
    const message = 'BROKER speaks TLS. Set KAFKA_SSL=true, or set KAFKA_BROKERS to the port of another listener.';
    expect(await refusalOf(broker.addressOf('tls'), {})).toBe(message);
    expect(await refusalOf(broker.addressOf('mutual'), {})).toBe(message);
    expect(await refusalOf(broker.addressOf('signed'), { sasl: user('plain').sasl })).toBe(message);
  });

  test('a listener without TLS wants no KAFKA_SSL', async () => {
    expect(await refusalOf(broker.brokers, { tls })).toBe(
      'BROKER does not speak TLS. Set KAFKA_SSL=false, or set KAFKA_BROKERS to the port of another listener.',
    );
  });

  test('a certificate is to be of a trusted authority and for the name that was connected to', async () => {
    expect(await refusalOf(broker.addressOf('tls'), { tls: {} })).toMatch(
      /^BROKER shows a certificate of an authority that is not trusted here \([A-Z_]+\). Set KAFKA_SSL_CA_FILE /,
    );
    expect(await refusalOf(broker.addressOf('tls'), { tls: { ca: stranger.ca } })).toMatch(
      /^BROKER shows a certificate that no authority in KAFKA_SSL_CA_FILE has signed/,
    );
    expect(await refusalOf(broker.addressOf('tls').replace('localhost', '127.0.0.1'), { tls })).toMatch(
      /^BROKER shows a certificate for other names \(.*\). Write a name of the certificate in KAFKA_BROKERS/,
    );
  });

  test('mutual TLS wants a certificate, and one that the broker trusts', async () => {
    expect(await refusalOf(broker.addressOf('mutual'), { tls })).toBe(
      'BROKER wants a certificate of its clients (mutual TLS). Set KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE.',
    );
    const foreign = { ...tls, ...stranger.issue({ commonName: 'orion' }) };
    expect(await refusalOf(broker.addressOf('mutual'), { tls: foreign })).toMatch(
      /^BROKER does not accept the certificate in KAFKA_SSL_CERT_FILE/,
    );
  });

  test('a listener with SASL wants somebody to sign in, one without nobody', async () => {
    expect(await refusalOf(broker.addressOf('signed'), { tls })).toMatch(
      /^BROKER wants its clients to sign in \(SASL; it offers [a-z\d, -]+\). Set KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME/,
    );
    expect(await refusalOf(broker.addressOf('scram'), {})).toContain('it offers scram-sha-512)');
    expect(await refusalOf(broker.addressOf('tls'), user('plain'))).toMatch(
      /^BROKER wants nobody to sign in .* Unset KAFKA_SASL_MECHANISM/,
    );
  });

  test.each(MECHANISMS)('a wrong password is told, with %s', async (mechanism) => {
    expect(await refusalOf(broker.addressOf('signed'), user(mechanism, 'wrong'))).toBe(
      `BROKER does not accept user "orion" with the password that is set (${mechanism}). ` +
        'Set KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD to a user of the broker.',
    );
  });

  test('a user that is not known is told as well', async () => {
    const sasl = { mechanism: 'scram-sha-512', username: 'nobody', password: PASSWORD } as const;
    expect(await refusalOf(broker.addressOf('scram'), { sasl })).toContain('does not accept user "nobody"');
  });

  test('a mechanism that the broker does not have is told with those it has', async () => {
    expect(await refusalOf(broker.addressOf('scram'), { sasl: user('plain').sasl })).toBe(
      'BROKER does not know plain, it offers scram-sha-512. Set KAFKA_SASL_MECHANISM to one of these.',
    );
  });

  test('the port of the controller is told as one', async () => {
    const properties = readFileSync(join(broker.dataDir, 'server.properties'), 'utf8');
    const controller = /CONTROLLER:\/\/([\d.:]+)/.exec(properties)?.[1] ?? '';
    expect(await refusalOf(controller, {})).toMatch(
      /^BROKER is a KRaft controller: .* Set KAFKA_BROKERS to the port of/,
    );
  });

  test('a broker that is down is waited for: nothing is fatal, and it says what to do', async () => {
    const { transport, fatal } = open('127.0.0.1:1', user('plain'));
    await expect(transport.ping()).rejects.toThrow(
      'no Kafka broker answers: 127.0.0.1:1 refuses the connection: nothing listens there. Start the broker, or set',
    );
    expect(fatal).toEqual([]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestAuthority } from '../testing/test-certificate.js';
import { eventLogOf } from './event-log.js';
import { ConfigError, loadConfig } from './load-config.js';
import { subgraphConfigSchema } from './subgraph-config.js';

const schema = subgraphConfigSchema(4001, {});
const good = {
  DATABASE_URL: 'postgresql://auth:x@127.0.0.1/auth',
  KAFKA_BROKERS: 'kafka:9092',
  ORION_CONTEXT_SECRET: 'x'.repeat(32),
  ORION_SEALING_KEY: Buffer.alloc(32).toString('base64'),
};

function read(environment: Record<string, string>) {
  return eventLogOf(loadConfig(schema, { ...good, ...environment }));
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('KAFKA_BROKERS', () => {
  test.each([
    ['one', 'kafka:9092', ['kafka:9092']],
    [
      'spaces, and commas too many',
      ' kafka-1:9092 ,, kafka_2.example.org:19092, ',
      ['kafka-1:9092', 'kafka_2.example.org:19092'],
    ],
    [
      'IPv4 and IPv6',
      '10.0.0.1:9092,[::1]:9092,[fe80::1%eth0]:9093',
      ['10.0.0.1:9092', '[::1]:9092', '[fe80::1%eth0]:9093'],
    ],
  ])('takes %s', (_, list, brokers) => {
    expect(read({ KAFKA_BROKERS: list }).kafkaBrokers).toEqual(brokers);
  });

  test.each([
    ['kafka', '"kafka" has no port: write kafka:9092'],
    ['kafka:', '"kafka:" has no port: write kafka:9092'],
    ['kafka:0', '"kafka:0": a port is a number from 1 to 65535'],
    ['kafka:99999', '"kafka:99999": a port is a number from 1 to 65535'],
    ['kafka://broker:9092', '"kafka://broker:9092" is a URL: write only broker:9092'],
    ['kafka://broker', '"kafka://broker" is a URL: write only broker:9092'],
    [
      'SASL_SSL://broker:9093',
      '"SASL_SSL://broker:9093" is a URL: write only broker:9093, with KAFKA_SSL and KAFKA_SASL_* beside it',
    ],
    [
      'kafka+ssl://user:hunter2@broker:9093/',
      '"kafka+ssl://...@broker:9093/" is a URL: write only broker:9093, with KAFKA_SSL and KAFKA_SASL_* beside it',
    ],
    ['::1', '"::1" is an IPv6 address without a port: write [::1]:9092'],
    ['[::1]', '"[::1]" is an IPv6 address without a port: write [::1]:9092'],
    [
      'a:9092 b:9092',
      '"a:9092 b:9092" is not one broker: write host:port separated by commas, for instance kafka-1:9092,kafka-2:9092',
    ],
    [
      'a:9092;b:9092',
      '"a:9092;b:9092" is not one broker: write host:port separated by commas, for instance kafka-1:9092,kafka-2:9092',
    ],
    [' , ', 'names no broker: write host:port separated by commas, for instance kafka-1:9092,kafka-2:9092'],
    [
      'a/b:9092',
      '"a/b:9092" is not a broker: write host:port separated by commas, for instance kafka-1:9092,kafka-2:9092',
    ],
  ])('refuses %j and says what to write', (list, problem) => {
    expect(problemsOf({ KAFKA_BROKERS: list })).toEqual([`KAFKA_BROKERS: ${problem}`]);
  });

  test('names every entry that is wrong', () => {
    expect(problemsOf({ KAFKA_BROKERS: 'a,b:9092,c:x' })).toEqual([
      'KAFKA_BROKERS: "a" has no port: write a:9092',
      'KAFKA_BROKERS: "c:x" is not a broker: write host:port separated by commas, for instance kafka-1:9092,kafka-2:9092',
    ]);
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orion-kafka-config-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const authority = createTestAuthority();
  const client = authority.issue({ commonName: 'orion' });
  const files = {
    KAFKA_SSL_CA_FILE: file('ca.pem', authority.ca),
    KAFKA_SSL_CERT_FILE: file('cert.pem', client.cert),
    KAFKA_SSL_KEY_FILE: file('key.pem', client.key),
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is off unless it is asked for', () => {
    expect(read({}).kafkaSecurity).toEqual({ tls: undefined, sasl: undefined });
    expect(read({ KAFKA_SSL: 'false' }).kafkaSecurity.tls).toBeUndefined();
  });

  test('takes what its files hold', () => {
    expect(read({ KAFKA_SSL: 'true' }).kafkaSecurity.tls).toEqual({});
    expect(read({ KAFKA_SSL: 'true', ...files }).kafkaSecurity.tls).toEqual({
      ca: authority.ca,
      cert: client.cert,
      key: client.key,
    });
  });

  test('files without TLS are a mistake', () => {
    expect(problemsOf(files)).toEqual(
      Object.keys(files).map((name) => `${name}: is of no use without TLS: set KAFKA_SSL=true`),
    );
  });

  test('a certificate needs its key, and a key its certificate', () => {
    const { KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE } = files;
    expect(problemsOf({ KAFKA_SSL: 'true', KAFKA_SSL_CERT_FILE })).toEqual([
      'KAFKA_SSL_CERT_FILE: needs its private key: set KAFKA_SSL_KEY_FILE',
    ]);
    expect(problemsOf({ KAFKA_SSL: 'true', KAFKA_SSL_KEY_FILE })).toEqual([
      'KAFKA_SSL_KEY_FILE: needs its certificate: set KAFKA_SSL_CERT_FILE',
    ]);
    const other = file('other-key.pem', authority.issue({ commonName: 'other' }).key);
    expect(problemsOf({ KAFKA_SSL: 'true', KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE: other })).toEqual([
      'KAFKA_SSL_KEY_FILE: is not the private key of KAFKA_SSL_CERT_FILE',
    ]);
  });

  test('a file that cannot be used is named, and never quoted', () => {
    const missing = join(folder, 'missing.pem');
    const broken = file('broken.pem', '-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n');
    const encrypted = file('encrypted.pem', client.key.replace('BEGIN PRIVATE', 'BEGIN ENCRYPTED PRIVATE'));
    const problems = (name: string, path: string) => problemsOf({ KAFKA_SSL: 'true', [name]: path });
    expect(problems('KAFKA_SSL_CA_FILE', missing)).toEqual([
      `KAFKA_SSL_CA_FILE: cannot be read: ENOENT: no such file or directory, open '${missing}'`,
    ]);
    expect(problems('KAFKA_SSL_CA_FILE', broken)).toEqual([
      `KAFKA_SSL_CA_FILE: ${broken} holds a certificate that cannot be read`,
    ]);
    expect(problems('KAFKA_SSL_CERT_FILE', files.KAFKA_SSL_KEY_FILE)).toEqual([
      `KAFKA_SSL_CERT_FILE: ${files.KAFKA_SSL_KEY_FILE} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`,
    ]);
    expect(problems('KAFKA_SSL_KEY_FILE', files.KAFKA_SSL_CERT_FILE)).toEqual([
      `KAFKA_SSL_KEY_FILE: ${files.KAFKA_SSL_CERT_FILE} holds no private key in PEM (-----BEGIN PRIVATE KEY-----)`,
    ]);
    expect(problems('KAFKA_SSL_KEY_FILE', encrypted)).toEqual([
      `KAFKA_SSL_KEY_FILE: ${encrypted} holds an encrypted key: write it without a passphrase, with \`openssl pkey\``,
    ]);
  });
});

describe('SASL', () => {
  const user = { KAFKA_SASL_USERNAME: 'orion', KAFKA_SASL_PASSWORD: 'hunter2' };

  test.each([
    ['plain', 'plain'],
    ['SCRAM-SHA-256', 'scram-sha-256'],
    ['scram-sha-512', 'scram-sha-512'],
  ])('%s is a mechanism', (given, mechanism) => {
    expect(read({ KAFKA_SASL_MECHANISM: given, ...user }).kafkaSecurity.sasl).toEqual({
      mechanism,
      username: 'orion',
      password: 'hunter2',
    });
  });

  test('another mechanism is refused with those there are', () => {
    expect(problemsOf({ KAFKA_SASL_MECHANISM: 'gssapi', ...user }).join()).toMatch(
      /^KAFKA_SASL_MECHANISM: .*"plain"\|"scram-sha-256"\|"scram-sha-512"$/,
    );
  });

  test('half of it is a mistake', () => {
    expect(problemsOf({ KAFKA_SASL_MECHANISM: 'plain' })).toEqual([
      'KAFKA_SASL_MECHANISM: needs KAFKA_SASL_USERNAME',
      'KAFKA_SASL_MECHANISM: needs KAFKA_SASL_PASSWORD',
    ]);
    expect(problemsOf(user)).toEqual([
      'KAFKA_SASL_USERNAME: needs KAFKA_SASL_MECHANISM: one of plain, scram-sha-256, scram-sha-512',
      'KAFKA_SASL_PASSWORD: needs KAFKA_SASL_MECHANISM: one of plain, scram-sha-256, scram-sha-512',
    ]);
  });

  test('no password goes over the network in clear text in production', () => {
    const plain = { NODE_ENV: 'production', KAFKA_SASL_MECHANISM: 'plain', ...user };
    expect(problemsOf(plain)).toEqual([
      'KAFKA_SASL_MECHANISM: plain would send the password in clear text: in production set KAFKA_SSL=true, or use scram-sha-512',
    ]);
    expect(problemsOf({ ...plain, KAFKA_SSL: 'true' })).toEqual([]);
    expect(problemsOf({ ...plain, KAFKA_SASL_MECHANISM: 'scram-sha-512' })).toEqual([]);
  });
});

test('settings of Kafka without KAFKA_BROKERS are a mistake', () => {
  const bus = { KAFKA_BROKERS: '', BUS_DATABASE_URL: 'postgresql://bus:x@127.0.0.1/bus' };
  expect(problemsOf(bus)).toEqual([]);
  expect(problemsOf({ ...bus, KAFKA_SSL: 'true', KAFKA_SASL_USERNAME: 'orion' })).toEqual([
    'KAFKA_SSL: is of no use without KAFKA_BROKERS: set both or none',
    'KAFKA_SASL_USERNAME: is of no use without KAFKA_BROKERS: set both or none',
  ]);
});

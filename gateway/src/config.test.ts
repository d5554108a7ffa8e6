import { ConfigError } from '@orion/platform/config';
import { gatewayConfigSchema, readGatewayConfig } from './config.js';

test('every key says what it is for, so that .env.example can be written from it', () => {
  for (const [name, schema] of Object.entries(gatewayConfigSchema.shape)) {
    expect([name, schema.description]).toEqual([name, expect.stringMatching(/.{10}/)]);
  }
});

test('a flag wins over the environment, and names the one source of the supergraph', () => {
  const config = readGatewayConfig(['--supergraph', 's.graphql', '--port', '4100'], {
    ROVER_CONFIG: 'rover.yaml',
    PORT: '4000',
  });
  expect(config).toMatchObject({ SUPERGRAPH: 's.graphql', PORT: 4100 });
  expect(config.ROVER_CONFIG).toBeUndefined();
});

test('lists and pairs are read, and an empty CORS list is a list', () => {
  const config = readGatewayConfig([], {
    SUPERGRAPH: 's',
    SUBGRAPH_URLS: 'auth=http://a:1/graphql, user=http://b:2/graphql?x=1',
    ONCE_PER_OPERATION: 'login, signIn',
    CORS_ORIGINS: '',
    JWKS_URL: '',
  });
  expect(config.SUBGRAPH_URLS).toEqual({ auth: 'http://a:1/graphql', user: 'http://b:2/graphql?x=1' });
  expect(config.ONCE_PER_OPERATION).toEqual(['login', 'signIn']);
  expect(config.CORS_ORIGINS).toEqual([]);
  expect(config.JWKS_URL).toBeUndefined();
});

test('folders of public files are a path and an address, each with a slash at the end', () => {
  const url = 'http://127.0.0.1:4002/avatars/';
  expect(readGatewayConfig([], { SUPERGRAPH: 's', PUBLIC_FILES: `/avatars/=${url}` }).PUBLIC_FILES).toEqual({
    '/avatars/': url,
  });
  for (const value of ['/avatars', `/avatars=${url}`, `/a/b/=${url}`, '/avatars/=http://x/a', `/../=${url}`])
    expect(() => readGatewayConfig([], { SUPERGRAPH: 's', PUBLIC_FILES: value })).toThrow(/is not \/PATH\/=URL/);
});

test('API keys need what verifies tokens, and what makes their subgraph answer', () => {
  const url = { SUPERGRAPH: 's', API_KEYS_URL: 'http://127.0.0.1:1/graphql' };
  expect(() => readGatewayConfig([], url)).toThrow(/needs JWKS_URL[^]*needs ORION_CONTEXT_SECRET/);
  const complete = { ...url, JWKS_URL: 'http://127.0.0.1:1/jwks', ORION_CONTEXT_SECRET: 's'.repeat(32) };
  expect(readGatewayConfig([], complete)).toMatchObject({ API_KEYS_SUBGRAPH: 'user' });
});

test('two buses, or two sources, are one too many', () => {
  const read = () =>
    readGatewayConfig([], {
      SUPERGRAPH: 's',
      ROVER_CONFIG: 'r',
      BUS_DATABASE_URL: 'postgres://h/b',
      KAFKA_BROKERS: 'k:9092',
    });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(/ROVER_CONFIG[^]*BUS_DATABASE_URL/);
});

test('settings of Kafka that do not go together are told', () => {
  const read = (environment: Record<string, string>) => () =>
    readGatewayConfig([], { SUPERGRAPH: 's', ...environment });
  expect(read({ KAFKA_SSL: 'true' })).toThrow('KAFKA_SSL: is of no use without KAFKA_BROKERS');
  expect(read({ KAFKA_BROKERS: 'k:9092', KAFKA_SASL_USERNAME: 'orion' })).toThrow('needs KAFKA_SASL_MECHANISM');
  expect(read({ KAFKA_BROKERS: 'k' })).toThrow('"k" has no port: write k:9092');
});

test('what is shared among equal queries is one word, from the environment or a flag', () => {
  expect(readGatewayConfig([], { SUPERGRAPH: 's' }).DEDUP).toBe('both');
  expect(readGatewayConfig(['--dedup', 'off'], { SUPERGRAPH: 's', DEDUP: 'subgraph' }).DEDUP).toBe('off');
  expect(() => readGatewayConfig(['--dedup', 'some'], { SUPERGRAPH: 's' })).toThrow(/DEDUP/);
});

test('the way to subgraphs has sensible standards', () => {
  expect(readGatewayConfig([], { SUPERGRAPH: 's' })).toMatchObject({
    SUBGRAPH_RETRIES: 1,
    SUBGRAPH_ANSWER_BYTES: 67_108_864,
    CIRCUIT_BREAKER: true,
    FORWARD_HEADERS: [],
  });
  const config = readGatewayConfig([], {
    SUPERGRAPH: 's',
    SUBGRAPH_RETRIES: '0',
    FORWARD_HEADERS: 'authorization, x-a',
  });
  expect([config.SUBGRAPH_RETRIES, config.FORWARD_HEADERS]).toEqual([0, ['authorization', 'x-a']]);
});

test('rate limits are numbers of their own, 0 being none, and not set being the standard of the mode', () => {
  const read = (environment: Record<string, string>) => readGatewayConfig([], { SUPERGRAPH: 's', ...environment });
  expect(read({}).RATE_LIMIT_PER_IP).toBeUndefined();
  expect(read({ RATE_LIMIT_PER_IP: '0', RATE_LIMIT_PER_IDENTITY: '10' })).toMatchObject({
    RATE_LIMIT_PER_IP: 0,
    RATE_LIMIT_PER_IDENTITY: 10,
  });
  expect(() => read({ RATE_LIMIT_PER_IP: '-1' })).toThrow(ConfigError);
  expect(read({ REDIS_URL: 'rediss://user:secret@redis:6380/1' }).REDIS_URL).toContain('rediss:');
  expect(() => read({ REDIS_URL: 'http://redis' })).toThrow(ConfigError);
});

test('nothing but persisted documents needs persisted documents', () => {
  const read = (environment: Record<string, string>) => readGatewayConfig([], { SUPERGRAPH: 's', ...environment });
  expect(() => read({ PERSISTED_DOCUMENTS_ONLY: 'true' })).toThrow(/PERSISTED_DOCUMENTS/);
  expect(read({ PERSISTED_DOCUMENTS_ONLY: 'true', PERSISTED_DOCUMENTS: 'm.json' }).PERSISTED_DOCUMENTS_ONLY).toBe(true);
  expect(read({}).AUTOMATIC_PERSISTED_QUERIES).toBe(true);
});

test('protocols and addresses of subscriptions are read by subgraph; what is neither is named', () => {
  const environment = { SUPERGRAPH: 's.graphql', SUBSCRIPTION_URLS: 'news=http://127.0.0.1:4005/stream' };
  expect(readGatewayConfig([], { ...environment, SUBSCRIPTION_PROTOCOLS: 'news=sse, chat = ws' })).toMatchObject({
    SUBSCRIPTION_PROTOCOLS: { news: 'sse', chat: 'ws' },
    SUBSCRIPTION_URLS: { news: 'http://127.0.0.1:4005/stream' },
  });
  expect(() => readGatewayConfig([], { ...environment, SUBSCRIPTION_PROTOCOLS: 'news=carrier-pigeon,ws' })).toThrow(
    /"news=carrier-pigeon" is not NAME=ws[^]*"ws" is not NAME=ws/,
  );
});

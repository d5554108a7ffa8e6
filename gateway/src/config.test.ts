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

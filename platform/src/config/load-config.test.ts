import { ConfigError, loadConfig } from './load-config.js';
import { subgraphConfigSchema } from './subgraph-config.js';

const good = {
  DATABASE_URL: 'postgresql://auth:x@127.0.0.1/auth',
  BUS_DATABASE_URL: 'postgresql://bus:x@127.0.0.1/bus',
  ORION_CONTEXT_SECRET: 'x'.repeat(32),
  ORION_SEALING_KEY: Buffer.alloc(32).toString('base64'),
};
const schema = subgraphConfigSchema(4001, {});

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(schema, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('reads the environment into typed values with their defaults', () => {
  expect(loadConfig(schema, good)).toMatchObject({
    PORT: 4001,
    HOST: '127.0.0.1',
    ORION_DEMO: false,
    NODE_ENV: 'development',
  });
});

test('names every problem at once', () => {
  const problems = problemsOf({ ...good, PORT: 'many', ORION_CONTEXT_SECRET: 'short', DATABASE_URL: '' });
  expect(problems.join('\n')).toMatch(/PORT.*\n?/);
  expect(problems.join('\n')).toContain('ORION_CONTEXT_SECRET: at least 32 characters');
  expect(problems.join('\n')).toContain('DATABASE_URL is not set');
});

test('wants exactly one event transport', () => {
  const { BUS_DATABASE_URL: _none, ...without } = good;
  expect(problemsOf(without)).toEqual(['set exactly one of BUS_DATABASE_URL and KAFKA_BROKERS']);
  expect(problemsOf({ ...good, KAFKA_BROKERS: 'a:9092' })).toEqual([
    'set exactly one of BUS_DATABASE_URL and KAFKA_BROKERS',
  ]);
});

test('refuses demo mode in production', () => {
  expect(problemsOf({ ...good, NODE_ENV: 'production', ORION_DEMO: 'true' })).toEqual([
    'ORION_DEMO: demo mode is refused when NODE_ENV=production',
  ]);
});

test('takes a sealing key with those before it, and none that is too short or not base64', () => {
  const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
  const both = `${key(1)},${key(2)}`;
  expect(loadConfig(schema, { ...good, ORION_SEALING_KEY: both }).ORION_SEALING_KEY).toBe(both);
  for (const bad of [`${key(1)},`, `${key(1)}, ${key(2)}`, `${key(1)},short`, Buffer.alloc(31).toString('base64'), 'x'])
    expect(problemsOf({ ...good, ORION_SEALING_KEY: bad })).toEqual([expect.stringContaining('32 bytes in base64')]);
});

import { Query, Resolver } from 'type-graphql';
import { subgraphConfigSchema } from '../config/index.js';
import { defineMigration } from '../database/index.js';
import { EVENT_TABLES_V1, EVENT_TABLES_V2 } from '../events/index.js';
import { JOB_TABLES_V1 } from '../jobs/index.js';
import { startTestSubgraph } from '../testing/index.js';
import { Public } from './auth-directive.js';
import { defineSubgraph } from './define-subgraph.js';

@Resolver()
class HelloResolver {
  @Public()
  @Query(() => String, { description: 'A greeting.' })
  hello(): string {
    return 'hello';
  }
}

const definition = defineSubgraph({
  name: 'greeter',
  configSchema: subgraphConfigSchema(0, {}),
  entities: [],
  migrations: [EVENT_TABLES_V1, EVENT_TABLES_V2, JOB_TABLES_V1].map((sql, index) =>
    defineMigration(index + 1, `tables-${index}`, sql),
  ),
  resolvers: [HelloResolver],
  stubs: [],
  owners: {},
  assemble: ({ metrics }) => {
    metrics.counter({ name: 'orion_greetings_total', help: 'Greetings' }).inc(2);
    return { resolvers: [new HelloResolver()], references: {} };
  },
});

async function withSubgraph(
  environment: Readonly<Record<string, string>>,
  use: (
    get: (path: string) => Promise<{ readonly status: number; readonly type: string; readonly text: string }>,
  ) => Promise<void>,
): Promise<void> {
  const subgraph = await startTestSubgraph(definition, environment);
  try {
    await use(async (path) => {
      const response = await fetch(new URL(path, subgraph.url));
      return {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        text: await response.text(),
      };
    });
  } finally {
    await subgraph.stop();
  }
}

test('a subgraph answers /metrics and /health without a signed context', async () => {
  await withSubgraph({}, async (get) => {
    const { status, type, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('orion_greetings_total{service="greeter"} 2');
    expect(text).toContain('orion_group_lag_events{group="greeter.operations",service="greeter"}');
    expect(JSON.parse((await get('/health')).text)).toEqual({ status: 'ok', service: 'greeter' });
  });
});

test('a subgraph shows no metrics where they are off', async () => {
  await withSubgraph({ METRICS: 'false' }, async (get) => {
    expect((await get('/metrics')).status).toBe(401);
    expect((await get('/health')).status).toBe(200);
  });
});

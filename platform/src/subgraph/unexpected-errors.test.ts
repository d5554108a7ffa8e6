import { Query, Resolver } from 'type-graphql';
import type { DataSource } from 'typeorm';
import { subgraphConfigSchema } from '../config/index.js';
import { defineMigration } from '../database/index.js';
import { EVENT_TABLES_V1, EVENT_TABLES_V2 } from '../events/index.js';
import { JOB_TABLES_V1 } from '../jobs/index.js';
import { startTestSubgraph } from '../testing/index.js';
import { Public } from './auth-directive.js';
import { defineSubgraph } from './define-subgraph.js';

@Resolver()
class BrokenResolver {
  constructor(private readonly database: DataSource) {}

  @Public()
  @Query(() => String, { nullable: true, description: 'Fails in the database.' })
  async broken(): Promise<string> {
    await this.database.query("SELECT 'hunter2' FROM a_table_that_is_not_there");
    return 'never';
  }

  @Public()
  @Query(() => String, { description: 'Works.' })
  works(): string {
    return 'as ever';
  }
}

const definition = defineSubgraph({
  name: 'broken',
  configSchema: subgraphConfigSchema(0, {}),
  entities: [],
  migrations: [EVENT_TABLES_V1, EVENT_TABLES_V2, JOB_TABLES_V1].map((sql, index) =>
    defineMigration(index + 1, `tables-${index}`, sql),
  ),
  resolvers: [BrokenResolver],
  stubs: [],
  owners: {},
  assemble: ({ database }) => ({ resolvers: [new BrokenResolver(database)], references: {} }),
});

test('ID-73 ID-76: in production a failed statement is an error without its cause, and costs its own field', async () => {
  const subgraph = await startTestSubgraph(definition, { NODE_ENV: 'production' });
  try {
    const { data, errors } = await subgraph.query('{ works broken }');
    expect(data).toEqual({ works: 'as ever', broken: null });
    expect(errors).toEqual([
      {
        message: 'Internal server error',
        path: ['broken'],
        locations: expect.anything() as unknown,
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) as unknown },
      },
    ]);
  } finally {
    await subgraph.stop();
  }
});

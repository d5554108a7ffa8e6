import { startThrowAwayPostgres } from '@orion/tools/embedded-postgres';
import { cluster } from './cluster.js';

/** Names the superuser URL of the cluster for `createTestDatabase` and `startPlatform`. */
const URL_VARIABLE = 'ORION_TEST_POSTGRES_URL';

/** Before all tests: a throw-away Postgres for them, unless the variable names a server already. */
// A default export because jest asks for one.
export default async function globalSetup(): Promise<void> {
  if (process.env[URL_VARIABLE] !== undefined) return;
  cluster.current = await startThrowAwayPostgres({ settings: { max_connections: 300 } });
  process.env[URL_VARIABLE] = cluster.current.adminUrl;
}

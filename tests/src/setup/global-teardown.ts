import { cluster } from './cluster.js';

/** After all tests: ends the cluster and removes its folder. */
// A default export because jest asks for one.
export default async function globalTeardown(): Promise<void> {
  await cluster.current?.stop();
}

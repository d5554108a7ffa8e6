import { installPackage } from '../legs/install-package.js';
import { runVisibly } from '../legs/run-visibly.js';

/** What must hold with a real Redis. */
const TESTS = ['gateway/dist/security/rate-limit'];

/**
 * The leg of the tests that needs Redis. It installs Debian's when there is none; without one the tests fail here:
 * `npm test` is the one that may skip.
 */
async function main(): Promise<number> {
  if ((await runVisibly('redis-server', ['--version'])) !== 0) await installPackage('redis-server');
  return runVisibly(process.execPath, ['tools/bootstrap/test.mjs', ...TESTS], { ORION_REQUIRE_REDIS: '1' });
}

process.exitCode = await main();

import { installPackage } from '../legs/install-package.js';
import { runVisibly } from '../legs/run-visibly.js';
import { chromiumUnavailableReason } from './index.js';

/** What must hold in a real browser. */
const TESTS = ['tests/dist/browser', 'tools/dist/browser', 'tools/dist/pages'];

/**
 * The leg of the tests that needs a browser. It installs Debian's Chromium when there is none; unavailable is a failure
 * here: `npm test` is the one that may skip.
 */
async function main(): Promise<number> {
  if ((await chromiumUnavailableReason()) !== undefined) await installPackage('chromium');
  const reason = await chromiumUnavailableReason();
  if (reason !== undefined) {
    console.error(`the browser leg cannot run: ${reason}`);
    return 1;
  }
  return runVisibly(process.execPath, ['tools/bootstrap/test.mjs', ...TESTS]);
}

process.exitCode = await main();

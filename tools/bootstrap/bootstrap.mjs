import { fileURLToPath } from 'node:url';
import { build, prune } from './build.mjs';
import { install, installRest } from './install.mjs';
import { whileLocked } from './lock.mjs';
import { createProgress } from './progress.mjs';
import { listenForStop } from './stop-signal.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** What a person has to put right; shown without a stack. Also thrown by the compiled tools, hence known by its name. */
function isProblem(error) {
  return error?.name === 'Problem';
}

/** For what goes on behind a person's back. */
const SILENT = { during: (_text, work) => work({ update: () => undefined }) };

/**
 * Installs and builds what is not up to date, then runs `main({ root, progress, signal, addRest })` and exits with the
 * status it resolves with. `signal` aborts at the first Ctrl-C (or SIGTERM, SIGHUP), at whatever moment; `addRest()`
 * installs what was left for later, among it what pages are bundled from.
 */
export async function bootstrap(purpose, main) {
  const { signal, exitCode } = listenForStop();
  const progress = createProgress(process.stderr);
  try {
    await whileLocked(root, { progress, signal }, async () => {
      await install(root, { purpose, progress, signal });
      await build(root, { purpose, progress, signal });
      await prune(root);
    });
    const addRest = () => whileLocked(root, { progress: SILENT, signal }, () => installRest(root, { signal }));
    const status = await main({ root, progress, signal, addRest });
    process.exit(status);
  } catch (error) {
    progress.clear();
    if (signal.aborted) process.exit(exitCode());
    if (isProblem(error)) progress.fail(error.message, error.advice);
    else process.stderr.write(`${error.stack ?? error}\n`);
    process.exit(error.exitCode ?? 1);
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { chromiumUnavailableReason } from './index.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What must hold in a real browser. */
const TESTS = ['tests/dist/browser', 'tools/dist/browser', 'tools/dist/pages'];

/**
 * The leg of the tests that needs a browser. It installs Debian's Chromium when there is none; unavailable is a failure
 * here: `npm test` is the one that may skip.
 */
async function main(): Promise<number> {
  if ((await chromiumUnavailableReason()) !== undefined) await installChromium();
  const reason = await chromiumUnavailableReason();
  if (reason !== undefined) {
    console.error(`the browser leg cannot run: ${reason}`);
    return 1;
  }
  return run(process.execPath, ['tools/bootstrap/test.mjs', ...TESTS]);
}

async function installChromium(): Promise<void> {
  console.log('installing chromium (apt-get)');
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-qq', '-y', '--no-install-recommends', 'chromium'],
  ]) {
    const status = await run('apt-get', args, environment);
    if (status !== 0) console.error(`apt-get ${args.join(' ')} ended with status ${status}`);
  }
}

/** Exit status of a program that runs in sight; 127 as in a shell when it cannot be started. */
async function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...environment } });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } catch (error) {
    console.error(`${program}: ${String(error)}`);
    return 127;
  }
}

process.exitCode = await main();

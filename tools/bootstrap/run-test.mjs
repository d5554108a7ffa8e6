import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { runVisibly } from './child.mjs';

/** Prepares the checkout, then runs jest with the arguments of this process. */
export async function runTest() {
  await bootstrap('test', ({ root, signal }) =>
    runVisibly(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
        ...process.argv.slice(2),
      ],
      { cwd: root, signal, interactive: process.argv.some((argument) => argument.startsWith('--watch')) },
    ),
  );
}

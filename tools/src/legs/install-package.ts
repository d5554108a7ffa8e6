import { runVisibly } from './run-visibly.js';

/** Installs a Debian package. What fails is told; whether the program is there now is the caller's to find out. */
export async function installPackage(name: string): Promise<void> {
  console.log(`installing ${name} (apt-get)`);
  for (const args of [
    ['update', '-qq'],
    ['install', '-qq', '-y', '--no-install-recommends', name],
  ]) {
    const status = await runVisibly('apt-get', args, { DEBIAN_FRONTEND: 'noninteractive' });
    if (status !== 0) console.error(`apt-get ${args.join(' ')} ended with status ${status}`);
  }
}

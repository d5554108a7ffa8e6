import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { Problem, errorCode } from '../problem/index.js';

type Environment = Readonly<Record<string, string | undefined>>;

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Program of a Chromium or Chrome: CHROMIUM, else the first in PATH. Throws a Problem. */
export async function findChromium(environment: Environment = process.env): Promise<string> {
  const { CHROMIUM = '', PATH = '' } = environment;
  const folders = PATH.split(path.delimiter).filter((folder) => folder !== '');
  const places =
    CHROMIUM === '' ? NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))) : [CHROMIUM];
  for (const place of places) if (await isProgram(place)) return place;
  throw new Problem(
    CHROMIUM === '' ? 'There is no Chromium in PATH.' : `CHROMIUM is ${CHROMIUM}, which cannot be run.`,
    {
      advice: ['Install Chromium (Debian: apt-get install chromium), or set CHROMIUM to the program.'],
    },
  );
}

/** Why this machine has no browser to test with, or undefined when it has one. For tests that skip with a reason. */
export async function chromiumUnavailableReason(environment: Environment = process.env): Promise<string | undefined> {
  try {
    await findChromium(environment);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

/** Neither a network service nor an update of its own: what a page asks for is all that is asked. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function isProgram(place: string): Promise<boolean> {
  try {
    await access(place, constants.X_OK);
    return true;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { errorCode } from '../problem/index.js';
import { accountFor, canReach } from './account.js';

/** In the folder asked for: the path of the one that holds the data. Removing the former forgets the latter. */
const LOCATION_FILE = 'location';
/** In the folder that holds the data: the path of the one asked for. */
const ORIGIN_FILE = 'origin';
const ELSEWHERE = '/var/lib/orion';

/**
 * Where the data of the folder asked for goes: there, or, when this is root and the account that Postgres runs under
 * cannot get there (a home of mode 0700 shuts it out), to a folder of its own that is found again the next time.
 */
export async function placeData(
  wanted: string,
  { isInUse }: { readonly isInUse: (folder: string) => Promise<boolean> },
): Promise<string> {
  const account = await accountFor(wanted);
  if (account === null) return wanted;
  const known = await readText(path.join(wanted, LOCATION_FILE));
  if (known !== undefined) return known;
  if (await canReach(wanted, { account })) return wanted;
  await mkdir(ELSEWHERE, { recursive: true });
  await chmod(ELSEWHERE, 0o711);
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  for (const entry of await readdir(ELSEWHERE)) {
    const candidate = path.join(ELSEWHERE, entry);
    const forgotten = entry.startsWith(`${hash}-`) || (await wasTemporary(candidate));
    if (forgotten && !(await isInUse(candidate))) await rm(candidate, { recursive: true, force: true });
  }
  const folder = path.join(ELSEWHERE, `${hash}-${randomBytes(4).toString('hex')}`);
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  // In this order: another start must not take the folder for a forgotten one.
  await writeFile(path.join(wanted, LOCATION_FILE), `${folder}\n`);
  await mkdir(folder, { mode: 0o700 });
  await writeFile(path.join(folder, ORIGIN_FILE), `${wanted}\n`);
  return folder;
}

/**
 * Whether a temporary folder asked for it, and is gone. Elsewhere a folder that is missing may be on a disk that is not
 * mounted now: its data stay.
 */
async function wasTemporary(folder: string): Promise<boolean> {
  const origin = await readText(path.join(folder, ORIGIN_FILE));
  if (origin?.startsWith(os.tmpdir() + path.sep) !== true) return false;
  return (await readText(path.join(origin, LOCATION_FILE))) !== folder;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

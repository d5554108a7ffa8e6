import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../problem/index.js';

/** Whom Postgres runs as when this process is root, which Postgres refuses to run as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody` nearly everywhere. */
const UNPRIVILEGED: Account = { uid: 65_534, gid: 65_534 };

/**
 * The account to run Postgres under, null for our own. Root takes the owner of a folder that an ordinary user filled
 * before, so that this user can go on using it, else nobody.
 */
export async function accountFor(dataDir: string): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(path.join(dataDir, 'data')).catch(unlessMissing);
  return owner === undefined || owner.uid === 0 ? nobody() : { uid: owner.uid, gid: owner.gid };
}

/** By its entry in /etc/passwd (passwd(5)), since initdb wants one and the number differs on older systems. */
async function nobody(): Promise<Account> {
  const users = (await readFile('/etc/passwd', 'utf8').catch(unlessMissing)) ?? '';
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  return uid === undefined || gid === undefined ? UNPRIVILEGED : { uid: Number(uid), gid: Number(gid) };
}

/** Whether the account gets through every folder above `target` that exists. */
export async function canReach(target: string, { account }: { readonly account: Account }): Promise<boolean> {
  let folder = path.dirname((await realpath(target).catch(unlessMissing)) ?? path.resolve(target));
  folder = await nearestExisting(folder);
  for (;;) {
    if (!permits(await stat(folder), { account, bits: 0o1 })) return false;
    const parent = path.dirname(folder);
    if (parent === folder) return true;
    folder = parent;
  }
}

/** Whether the account can reach the file or folder and read it (an executable or folder: also run or enter it). */
export async function canUse(target: string, { account }: { readonly account: Account }): Promise<boolean> {
  const entry = await stat(target);
  const bits = (entry.mode & 0o100) === 0 ? 0o4 : 0o5;
  return permits(entry, { account, bits }) && (await canReach(target, { account }));
}

/** Whether this process may write into an existing folder. */
export async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch {
    // Whatever the reason (permission, read-only file system), it is the answer.
    return false;
  }
}

function permits(
  entry: { readonly uid: number; readonly gid: number; readonly mode: number },
  { account, bits }: { readonly account: Account; readonly bits: number },
): boolean {
  const shift = entry.uid === account.uid ? 6 : entry.gid === account.gid ? 3 : 0;
  return ((entry.mode >> shift) & bits) === bits;
}

async function nearestExisting(folder: string): Promise<string> {
  return (await realpath(folder).catch(unlessMissing)) ?? nearestExisting(path.dirname(folder));
}

function unlessMissing(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
  throw error;
}

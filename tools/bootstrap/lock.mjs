import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** No installation takes longer; a lock older than that was left by a pid that somebody else has now. */
const STALE_MS = 15 * 60_000;

/** Runs `work` while no other `npm start` or `npm test` of this checkout installs or builds. */
export async function whileLocked(root, { progress, signal }, work) {
  const file = path.join(root, '.orion', 'bootstrap.lock');
  if (!(await take(file))) {
    await progress.during('waiting for another start or test that installs or builds here', async () => {
      while (!(await take(file))) await wait(100, undefined, { signal });
    });
  }
  try {
    await work();
  } finally {
    await rm(file, { force: true }).catch(unlessReadOnly);
  }
}

async function take(file) {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') {
      unlessReadOnly(error);
      return true;
    }
  }
  if (await isHeld(file)) return false;
  await rm(file, { force: true });
  return take(file);
}

async function isHeld(file) {
  try {
    const pid = Number(await readFile(file, 'utf8'));
    const { mtimeMs } = await stat(file);
    // An empty file is one whose writer is between creating and filling it.
    if (pid === 0) return Date.now() - mtimeMs < 1000;
    if (Date.now() - mtimeMs > STALE_MS) return false;
    process.kill(pid, 0);
    return !(await hasEnded(pid));
  } catch (error) {
    if (error.code === 'EPERM') return true;
    if (['ENOENT', 'ESRCH'].includes(error.code)) return false;
    throw error;
  }
}

/** A process that ended and was not waited for keeps its pid; only Linux tells, and only there it lasts. */
async function hasEnded(pid) {
  const status = process.platform === 'linux' ? await readFile(`/proc/${pid}/stat`, 'utf8') : '';
  return /\) Z/.test(status);
}

/** In a checkout that cannot be written nothing can be installed or built either, so there is nothing to guard. */
function unlessReadOnly(error) {
  if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
}

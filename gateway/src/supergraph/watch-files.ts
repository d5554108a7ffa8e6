import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Editors and generators write in several steps: a change is acted on when they pause. */
const DEBOUNCE_MS = 100;
/** Where the system does not announce changes (network and container mounts), they are found by looking. */
const POLL_MS = 2_000;

/**
 * Calls `onChange` after any of the files changed, appeared or vanished at or after `since` (milliseconds since the
 * epoch: when they were read). Folders are watched and not files, because a file that is replaced is another file.
 * Returns how to stop.
 */
export function watchFiles(
  paths: readonly string[],
  { since, onChange }: { readonly since: number; readonly onChange: () => void },
): () => void {
  let known: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const look = async (): Promise<void> => {
    const { stamp, newest } = await stampOf(paths);
    const isChanged = known === undefined ? newest >= since : stamp !== known;
    known = stamp;
    if (isChanged && !isStopped) onChange();
  };
  const lookSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), DEBOUNCE_MS);
    timer.unref();
  };
  lookSoon();
  const poll = setInterval(() => void look(), POLL_MS);
  poll.unref();
  const watchers = [...new Set(paths.map((path) => dirname(path)))].flatMap((folder) => watchFolder(folder, lookSoon));
  return () => {
    isStopped = true;
    clearTimeout(timer);
    clearInterval(poll);
    for (const watcher of watchers) watcher.close();
  };
}

function watchFolder(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    // Too many watchers, or a folder that cannot be watched: polling finds the change a little later.
    return [];
  }
}

/** The time of change of the inode and not of the content: a file moved into place may be old. */
async function stampOf(paths: readonly string[]): Promise<{ readonly stamp: string; readonly newest: number }> {
  const files = await Promise.all(
    paths.map(async (path) => {
      try {
        const { ctimeMs, size, ino } = await stat(path);
        return { stamp: `${ctimeMs}:${size}:${ino}`, changedAt: ctimeMs };
      } catch {
        // A missing file is a state like any other; whoever reads it says what is wrong with that.
        return { stamp: 'missing', changedAt: 0 };
      }
    }),
  );
  return {
    stamp: files.map(({ stamp }) => stamp).join('|'),
    newest: Math.max(0, ...files.map(({ changedAt }) => changedAt)),
  };
}

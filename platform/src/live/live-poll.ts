import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../log/index.js';
import { createLiveChannel } from './live-channel.js';

const EVERYBODY = 'everybody';
const AFTER_ERROR_MS = 2_000;

/** What one look brings: news to push, and where the next look goes on. */
export interface LiveNews<Value, Cursor> {
  readonly values: readonly Value[];
  readonly cursor: Cursor;
}

/** Values that are found by looking for them now and then, for everybody in this process who listens. */
export interface LivePoll<Value> {
  /** Resolves when listening has begun: what happens from then on is told. */
  listen(): Promise<AsyncIterableIterator<Value>>;
  /** Ends every listener's iteration, and resolves when no look is going on. */
  close(): Promise<void>;
}

/**
 * One loop looks for all listeners together, every `everyMs` milliseconds, and only while there are any: the cost does
 * not grow with their number. `look` gets the cursor of the look before, null for the first one, which usually only
 * finds out where things stand.
 */
export function createLivePoll<Value, Cursor>({
  everyMs,
  look,
  logger,
}: {
  readonly everyMs: number;
  readonly look: (cursor: Cursor | null) => Promise<LiveNews<Value, Cursor>>;
  readonly logger: Logger;
}): LivePoll<Value> {
  const channel = createLiveChannel<Value>();
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let begun: Promise<unknown> = Promise.resolve();

  async function run(first: Promise<LiveNews<Value, Cursor>>): Promise<void> {
    // Rejects those who listen, too: they are told by `begun`.
    let cursor: Cursor | null = await first.then<Cursor | null, null>(publish, () => null);
    while (channel.size > 0 && !closing.signal.aborted) {
      await pause(everyMs);
      try {
        cursor = publish(await look(cursor));
      } catch (error) {
        logger.warn({ err: error }, 'live values cannot be read, trying again');
        await pause(AFTER_ERROR_MS);
      }
    }
    running = undefined;
  }

  function publish({ values, cursor }: LiveNews<Value, Cursor>): Cursor {
    for (const value of values) channel.publish(EVERYBODY, value);
    return cursor;
  }

  /** Rejects never: the loop ends when it is closed. */
  const pause = (ms: number): Promise<unknown> =>
    wait(ms, undefined, { signal: closing.signal }).catch(() => undefined);

  return {
    async listen() {
      const iteration = channel.listen(EVERYBODY);
      if (running === undefined) {
        const first = look(null);
        begun = first;
        running = run(first);
      }
      try {
        await begun;
      } catch (error) {
        await iteration.return();
        throw error;
      }
      return iteration;
    },
    async close() {
      closing.abort();
      channel.close();
      await running;
    },
  };
}

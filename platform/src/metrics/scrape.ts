import { createConditionLog } from '../log/index.js';
import type { Logger } from '../log/index.js';

/** Several scrapers, or an impatient one, cost no more than one. */
const CACHE_MS = 5_000;
/** Less than the 10 s that Prometheus waits by default: a source that hangs must not take the whole page with it. */
const TIMEOUT_MS = 4_000;

/** Reads what a page of metrics has to ask others for. */
export interface Scrape {
  add(source: string, read: () => Promise<void>): () => void;
  /** Resolves when every source was read, has failed or is out of time. Never rejects. */
  run(): Promise<void>;
}

/** `report` hears of every reading whether it failed. */
export function createScrape(logger: Logger, report: (source: string, hasFailed: boolean) => void): Scrape {
  const sources = new Set<() => Promise<void>>();

  function cached(source: string, read: () => Promise<void>): () => Promise<void> {
    const condition = createConditionLog(logger, `metrics of ${source}`);
    let readAt = 0;
    let running: Promise<void> | undefined;

    async function attempt(): Promise<void> {
      try {
        await read();
        readAt = Date.now();
        condition.works();
        report(source, false);
      } catch (error) {
        condition.fails(error);
        report(source, true);
      } finally {
        running = undefined;
      }
    }

    return async () => {
      if (Date.now() - readAt < CACHE_MS) return;
      running ??= attempt();
      let timer: NodeJS.Timeout | undefined;
      const outOfTime = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          report(source, true);
          resolve();
        }, TIMEOUT_MS);
      });
      await Promise.race([running, outOfTime]);
      clearTimeout(timer);
    };
  }

  return {
    add(source, read) {
      const run = cached(source, read);
      sources.add(run);
      return () => sources.delete(run);
    },
    async run() {
      await Promise.all([...sources].map((read) => read()));
    },
  };
}

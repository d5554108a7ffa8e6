import path from 'node:path';
import { errorText } from '../problem/index.js';
import { buildPage } from './build-page.js';
import { bundleFolder, isUpToDate } from './page-source.js';
import type { PageSource } from './page-source.js';
import { publishNotice, publishPage } from './served-page.js';
import type { PageData } from './served-page.js';

/** GraphiQL as a start of the platform serves it. */
export interface ServedGraphiql {
  /** Whether the page is there; else a notice is, until `finish` has built it. */
  readonly isReady: boolean;
  /**
   * Installs and builds what is missing, then serves it. A failure is told in the page and thrown, but for an abort,
   * which is none.
   */
  finish(work: { readonly addRest: () => Promise<void>; readonly signal: AbortSignal }): Promise<void>;
}

export interface GraphiqlOptions extends PageData {
  /** The checkout. */
  readonly root: string;
  /** Of the platform. */
  readonly dataDir: string;
}

/** The folder that the gateway of a platform serves at /graphiql. It is for one platform: see `PageData`. */
export function graphiqlFolder(dataDir: string): string {
  return path.join(dataDir, 'pages', 'graphiql');
}

/** Fills that folder: with the bundle when it is up to date, else with a page that waits for it. */
export async function openGraphiql({ root, dataDir, accounts }: GraphiqlOptions): Promise<ServedGraphiql> {
  const source: PageSource = { root, folder: 'explorer' };
  const directory = graphiqlFolder(dataDir);
  const isReady = await isUpToDate(source);
  if (isReady) await publishPage(bundleFolder(source), directory, { accounts });
  else await publishNotice(directory, WAITING);
  return {
    isReady,
    finish: async ({ addRest, signal }) => {
      try {
        if (!(await isUpToDate(source))) {
          await addRest();
          await buildPage(source, { signal });
        }
        await publishPage(bundleFolder(source), directory, { accounts });
      } catch (error) {
        if (signal.aborted) return;
        await publishNotice(directory, failure(error));
        throw error;
      }
    },
  };
}

const WAITING = {
  title: 'GraphiQL is being built',
  lines: ['This happens once and takes about half a minute. The page comes by itself.'],
  reloads: true,
};

function failure(error: unknown) {
  // By shape: an installation that failed throws the Problem of the bootstrap, which is no module of ours.
  const { advice = [] } = error as { readonly advice?: readonly string[] };
  return {
    title: 'GraphiQL could not be built',
    lines: ['The next start of the platform tries again.', errorText(error), ...advice],
    reloads: false,
  };
}

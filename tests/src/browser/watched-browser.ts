import { CHROMIUM_FLAGS, chromiumUnavailableReason, findChromium } from '@orion/tools/browser';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

/** `describe`, or a skipped one that says why: without a browser there is nothing to test. */
export async function describeWithBrowser(): Promise<jest.Describe> {
  const reason = await chromiumUnavailableReason();
  if (reason === undefined) return describe;
  console.log(`Browser tests skipped: ${reason} Run them with: node tools/dist/browser/test-leg.js`);
  return describe.skip;
}

/** A browser with a profile of its own that nobody has used. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: [...CHROMIUM_FLAGS] });
}

/** A page, and what must not happen on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts and of the console, violations of the content security policy among them. */
  problems(): readonly string[];
  /** Of the browser's own complaints, those that a test provokes. */
  forgive(pattern: RegExp): void;
  /** Addresses asked for that are not of the gateway. None gets an answer. */
  readonly foreign: readonly string[];
}

/** Opens a page in a profile of its own, where nothing but `origin` can be reached. */
export async function openWatchedPage(
  browser: Browser,
  { origin, colorScheme = 'light' }: { readonly origin: string; readonly colorScheme?: 'light' | 'dark' },
): Promise<WatchedPage> {
  // High enough for the editors to render all lines of what the tests run.
  const context = await browser.newContext({ viewport: { width: 1400, height: 1800 }, colorScheme });
  const problems: string[] = [];
  const forgiven: RegExp[] = [];
  const foreign: string[] = [];
  await context.route(
    (url) => url.origin !== origin && ['http:', 'https:'].includes(url.protocol),
    async (route) => {
      foreign.push(route.request().url());
      await route.abort('internetdisconnected');
    },
  );
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  return {
    page,
    problems: () => problems.filter((problem) => !forgiven.some((pattern) => pattern.test(problem))),
    forgive: (pattern) => void forgiven.push(pattern),
    foreign,
  };
}

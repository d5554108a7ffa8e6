import { eventually } from '@orion/platform/testing';
import type { Page } from 'playwright-core';

/** What a person does with GraphiQL. */
export interface GraphiqlPage {
  /** Brings the tab to the front. */
  tab(name: string): Promise<void>;
  tabs(): Promise<readonly string[]>;
  /** Presses the button that runs and stops. */
  run(): Promise<void>;
  /** Text of the response pane as soon as `isIt` says so. */
  response(isIt: (text: string) => boolean): Promise<string>;
  /** Resolves when signed in. */
  signInAs(name: string): Promise<void>;
  transport(name: 'WebSocket' | 'SSE'): Promise<void>;
  /** Opens the event log. */
  openLog(): Promise<void>;
  /** Entries of the event log, newest first. */
  log(): Promise<readonly string[]>;
  /** Names of the subscriptions that run. */
  running(): Promise<readonly string[]>;
}

/** Loads GraphiQL and waits until it can run something. */
export async function openGraphiqlPage(page: Page, origin: string): Promise<GraphiqlPage> {
  await page.goto(`${origin}/graphiql/`);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  const texts = (selector: string): Promise<string[]> => page.locator(selector).allInnerTexts();
  const response = async (): Promise<string> =>
    (await texts('.result-window .view-line')).join('\n').replaceAll('\u00a0', ' ');
  return {
    tab: async (name) => {
      const tab = page.locator('[role=tab]', { hasText: name });
      await tab.click();
      await page.locator('[role=tab][aria-selected=true]', { hasText: name }).waitFor();
    },
    tabs: () => texts('.graphiql-tabs [role=tab]'),
    run: () => page.locator('.graphiql-execute-button').click(),
    response: (isIt) =>
      eventually(async () => {
        const text = await response();
        return isIt(text) ? text : null;
      }),
    signInAs: async (name) => {
      const menu = page.getByLabel('Sign in as').locator('visible=true');
      await menu.last().selectOption(name);
      await page.locator('select[data-phase=signed-in]').waitFor();
    },
    transport: (name) => page.getByRole('radio', { name, exact: true }).click(),
    openLog: () => page.getByRole('button', { name: 'Show Event log' }).click(),
    log: () => texts('.orion-log ol > li'),
    running: () => texts('.orion-live li b'),
  };
}

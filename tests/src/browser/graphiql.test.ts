import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '@orion/platform/testing';
import { buildPage, bundleFolder, isUpToDate, publishPage } from '@orion/tools/pages';
import { DEMO_PASSWORD, DEMO_PEOPLE, startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import type { Browser } from 'playwright-core';
import { createGraphClient } from '../graph/graph-client.js';
import { signIn } from '../graph/people.js';
import type { SignedIn } from '../graph/people.js';
import { openGraphiqlPage } from './graphiql-page.js';
import type { GraphiqlPage } from './graphiql-page.js';
import { describeWithBrowser, launchBrowser, openWatchedPage } from './watched-browser.js';
import type { WatchedPage } from './watched-browser.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const describeInBrowser = await describeWithBrowser();

describeInBrowser('GraphiQL in a browser that reaches nothing but the gateway', () => {
  let served: string;
  let platform: Platform;
  let browser: Browser;
  let origin: string;
  let admin: SignedIn;
  let watched: WatchedPage;
  let graphiql: GraphiqlPage;

  beforeAll(async () => {
    const source = { root: ROOT, folder: 'explorer' };
    if (!(await isUpToDate(source))) await buildPage(source);
    served = await mkdtemp(path.join(os.tmpdir(), 'orion-graphiql-'));
    await publishPage(bundleFolder(source), served, { accounts: DEMO_PEOPLE });
    platform = await startPlatform({ mode: 'test', graphiqlDir: served });
    origin = new URL(platform.url).origin;
    admin = await signIn(platform.url, { email: 'admin@orion.test', password: DEMO_PASSWORD });
    browser = await launchBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
    if (served !== undefined) await rm(served, { recursive: true });
  });

  beforeEach(async () => {
    watched = await openWatchedPage(browser, { origin });
    graphiql = await openGraphiqlPage(watched.page, origin);
  }, 60_000);

  afterEach(async () => {
    await watched.page.context().close();
    expect(watched.problems()).toEqual([]);
    expect(watched.foreign).toEqual([]);
  });

  const notifyAlice = (title: string): Promise<void> => notify('alice', title);
  const notifyBob = (): Promise<void> => notify('bob', 'Hello');

  /** What another client sends. */
  async function notify(name: string, title: string): Promise<void> {
    const recipientId = DEMO_PEOPLE.find((person) => person.name === name)?.id;
    const input = { recipientId, type: 'GREETING', title, body: '' };
    const { data, errors } = await admin.client.query(
      'mutation ($input: SendNotificationInput!) { sendNotification(input: $input) { userErrors { code } } }',
      { input },
    );
    expect({ data, errors }).toEqual({ data: { sendNotification: { userErrors: [] } }, errors: [] });
  }

  test('a browser that opens /graphql gets there, and the title says whose it is', async () => {
    await watched.page.goto(platform.url);
    await watched.page.locator('.graphiql-execute-button').waitFor();
    expect(new URL(watched.page.url()).pathname).toBe('/graphiql/');
    expect(await watched.page.title()).toBe('GraphiQL | ORION');
  });

  test('the bundle knows no password: the server tells it, in demo mode', async () => {
    const bundle = bundleFolder({ root: ROOT, folder: 'explorer' });
    const entries = await readdir(bundle, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter((text) => text.includes(DEMO_PASSWORD))).toEqual([]);
    expect(await (await fetch(`${origin}/graphiql/demo.json`)).json()).toEqual({ accounts: DEMO_PEOPLE });
  });

  test('the schema is read: the documentation lists the fields of Query', async () => {
    await watched.page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await watched.page.locator('.graphiql-doc-explorer a', { hasText: 'Query' }).first().click();
    const field = watched.page.locator('.graphiql-doc-explorer a', { hasText: /^capturedMessages$/ });
    await field.waitFor();
    expect(await field.count()).toBe(1);
  });

  test('a field that is picked in the explorer gets into the operation', async () => {
    await watched.page.getByRole('button', { name: 'Show GraphiQL Explorer' }).click();
    await watched.page.locator('.docExplorerWrap').getByText('ingestLag', { exact: true }).click();
    await watched.page.locator('.graphiql-query-editor .view-line', { hasText: 'ingestLag' }).waitFor();
    expect(await graphiql.tabs()).toHaveLength(6);
  });

  test('every example runs without an error as it stands', async () => {
    expect(await graphiql.tabs()).toEqual(['Dashboard', 'Live', 'Notify', 'SignUp', 'Everything', 'Operate']);
    await graphiql.run();
    const dashboard = await graphiql.response((text) => text.includes('"activitySummary"'));
    expect(dashboard).toContain('"displayName": "Admin"');
    expect(dashboard).not.toContain('"errors"');

    await graphiql.tab('Everything');
    await graphiql.run();
    await graphiql.tab('Live');
    await graphiql.run();
    await graphiql.openLog();
    await eventually(async () => (await graphiql.running()).length === 2);
    await graphiql.tab('Notify');
    const log = await logged(
      graphiql.run,
      (text) => text.includes('"title": "Hello"') && text.includes('"liveEvents"'),
    );
    expect(log).not.toContain('"errors"');
    const notified = await graphiql.response((text) => text.includes('"userErrors"'));
    expect(notified).toMatch(/"displayName": "Admin"[^]*"displayName": "Alice"[^]*"displayName": "Bob"/);
    expect(notified).toContain('"userErrors": []');
    await graphiql.tab('SignUp');
    await graphiql.run();
    const registered = await graphiql.response((text) => text.includes('"userErrors"'));
    expect(registered).toContain('"accepted": true');
    await graphiql.tab('Operate');
    await graphiql.run();
    const operated = await graphiql.response((text) => text.includes('"auditLogs"'));
    expect(operated).toContain('"group": "notification"');
    expect(operated).not.toContain('"errors"');
  });

  test('signed in as alice, a mutation changes alice; anonymous may not', async () => {
    await graphiql.signInAs('alice');
    await replaceQuery('mutation { updateProfile(input: { bio: "Stargazer" }) { user { displayName bio } } }');
    await graphiql.run();
    const changed = await graphiql.response((text) => text.includes('"bio"'));
    expect(changed).toContain('"displayName": "Alice"');
    expect(changed).toContain('"bio": "Stargazer"');
    await watched.page.getByLabel('Sign in as').last().selectOption('');
    await graphiql.run();
    await graphiql.response((text) => text.includes('"errors"') && text.includes('UNAUTHENTICATED'));
  });

  test('a token that was revoked is replaced at the next operation', async () => {
    await graphiql.signInAs('bob');
    await replaceQuery('mutation { logout { revokedSessions } }');
    await graphiql.run();
    await graphiql.response((text) => text.includes('"revokedSessions": 1'));
    await replaceQuery('{ me { displayName } }');
    await graphiql.run();
    expect(await graphiql.response((text) => text.includes('"me"'))).toContain('"displayName": "Bob"');
    watched.forgive(/status of 401/);
  });

  test.each(['WebSocket', 'SSE'] as const)('a subscription over %s shows what another client does', async (name) => {
    await graphiql.signInAs('alice');
    await graphiql.transport(name);
    await graphiql.tab('Live');
    await graphiql.openLog();
    await graphiql.run();
    await logged(
      () => notifyAlice('Begin'),
      (text) => text.includes('Begin'),
    );
    for (const title of ['First', 'Second', 'Third']) {
      await notifyAlice(title);
      await graphiql.response((text) => text.includes(`"title": "${title}"`));
    }
    const log = await graphiql.log();
    expect(log.slice(0, 3).map((entry) => /"title": "(\w+)"/.exec(entry)?.[1])).toEqual(['Third', 'Second', 'First']);
    expect(log[0]).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\s+Live\\s+${name}, alice`));

    await graphiql.run();
    await eventually(async () => (await graphiql.running()).length === 0);
    expect((await graphiql.log())[0]).toContain('Stopped here.');
  });

  test.each(['WebSocket', 'SSE'] as const)('what the server refuses over %s is told at once', async (name) => {
    await watched.page.getByLabel('Sign in as').last().selectOption('');
    await graphiql.transport(name);
    await graphiql.tab('Live');
    await graphiql.openLog();
    await graphiql.run();
    await graphiql.response((text) => text.includes('UNAUTHENTICATED'));
    expect((await graphiql.log()).join('\n')).toMatch(/Live\s+.*, anonymous[^]*UNAUTHENTICATED/);
    expect(await graphiql.running()).toEqual([]);
    watched.forgive(/status of 40[01]/);
  });

  test.each(['WebSocket', 'SSE'] as const)(
    'over %s, a session that ends is told, and the next run begins another one',
    async (name) => {
      await graphiql.signInAs('bob');
      await graphiql.transport(name);
      await graphiql.tab('Live');
      await graphiql.openLog();
      await graphiql.run();
      await logged(notifyBob, (text) => text.includes('"title": "Hello"'));
      await endSessionOfPage();
      await eventually(async () => (await graphiql.running()).length === 0);
      await graphiql.run();
      await watched.page.getByRole('button', { name: 'Clear' }).click();
      await logged(notifyBob, (text) => text.includes('"title": "Hello"'));
      watched.forgive(/status of 401/);
    },
  );

  test('a subscription goes on in the log when another tab comes to the front, with the identity it began with', async () => {
    await graphiql.signInAs('alice');
    await graphiql.tab('Live');
    await graphiql.run();
    await graphiql.openLog();
    await eventually(async () => (await graphiql.running()).length === 1);
    await graphiql.tab('Notify');
    await graphiql.signInAs('admin');
    const entry = await logged(graphiql.run, (text) => text.includes('"title": "Hello"'));
    expect(entry).toContain('WebSocket, alice');
    expect(entry).toContain('"displayName": "Admin"');
    await watched.page.getByRole('button', { name: 'Stop Live' }).click();
    await eventually(async () => (await graphiql.running()).length === 0);
    expect((await graphiql.log())[0]).toContain('Stopped here.');
  });

  test('colours follow the system', async () => {
    const background = (): Promise<string> =>
      watched.page.evaluate("getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor");
    const light = await background();
    await watched.page.emulateMedia({ colorScheme: 'dark' });
    await eventually(async () => (await background()) !== light);
  });

  /** Causes events until the log shows one: when a subscription has reached its subgraph, no protocol tells. */
  function logged(cause: () => Promise<void>, isIt: (text: string) => boolean): Promise<string> {
    const attempt = async (): Promise<string | null> => {
      const text = (await graphiql.log()).join('\n');
      if (isIt(text)) return text;
      await cause();
      return null;
    };
    return eventually(attempt, { every: 300 });
  }

  /** As another client does that got hold of the page's token. */
  async function endSessionOfPage(): Promise<void> {
    const tokens = await watched.page.evaluate<string>("sessionStorage.getItem('orion:tokens:bob')");
    const { accessToken } = JSON.parse(tokens) as { readonly accessToken: string };
    const { errors } = await createGraphClient(platform.url, { token: accessToken }).query(
      'mutation { logout { revokedSessions } }',
    );
    expect(errors).toEqual([]);
  }

  async function replaceQuery(query: string): Promise<void> {
    await watched.page.locator('.graphiql-query-editor .view-lines').click();
    await watched.page.keyboard.press('ControlOrMeta+A');
    await watched.page.keyboard.press('Delete');
    await watched.page.keyboard.insertText(query);
  }
});

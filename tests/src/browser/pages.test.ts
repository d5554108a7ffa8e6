import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import type { Browser } from 'playwright-core';
import { createGraphClient } from '../graph/graph-client.js';
import { mailedToken, newcomer, newcomerPassword, signIn, verificationToken } from '../graph/people.js';
import { describeWithBrowser, launchBrowser, openWatchedPage } from './watched-browser.js';

const describeInBrowser = await describeWithBrowser();

describeInBrowser('pages of the gateway in a browser that reaches nothing else', () => {
  let platform: Platform;
  let browser: Browser;
  let origin: string;

  beforeAll(async () => {
    platform = await startPlatform({ mode: 'test' });
    origin = new URL(platform.url).origin;
    browser = await launchBrowser();
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test('the link of the mail opens a page, and its button verifies the address', async () => {
    const email = 'dora@example.com';
    const anonymous = createGraphClient(platform.url);
    await anonymous.query('mutation ($input: RegisterInput!) { register(input: $input) { accepted } }', {
      input: { email, password: newcomerPassword, displayName: 'Dora' },
    });
    const token = await verificationToken(anonymous, { email });
    const { page, problems, foreign } = await openWatchedPage(browser, { origin });
    await page.goto(`${origin}/verify-email?token=${token}`);
    expect(page.url()).toBe(`${origin}/verify-email/`);
    await page.getByRole('button', { name: 'Yes, verify my address' }).click();
    await page.getByRole('status').filter({ hasText: 'Your e-mail address is verified.' }).waitFor();
    const { userId } = await signIn(platform.url, { email, password: newcomerPassword });
    expect(userId).toMatch(/^[0-9a-f-]{36}$/);
    expect([...problems(), ...foreign]).toEqual([]);
  });

  test('a used link says so', async () => {
    const { page } = await openWatchedPage(browser, { origin });
    await page.goto(`${origin}/verify-email?token=used`);
    await page.getByRole('button').click();
    const outcome = page.getByRole('status').filter({ hasText: 'Not verified: ' });
    await outcome.waitFor();
    expect(await page.getByRole('button').isVisible()).toBe(false);
  });

  test('the link of a lost password opens a form that says what is wrong, and sets a new one', async () => {
    const email = 'edgar@example.com';
    await newcomer(platform.url, { name: 'Edgar' });
    const anonymous = createGraphClient(platform.url);
    await anonymous.query('mutation ($e: String!) { requestPasswordReset(input: { email: $e }) { accepted } }', {
      e: email,
    });
    const token = await mailedToken(anonymous, { email, page: 'reset-password' });
    const { page, problems, foreign } = await openWatchedPage(browser, { origin });
    await page.goto(`${origin}/reset-password?token=${token}`);
    await page.getByLabel('New password').fill('password1');
    await page.getByRole('button', { name: 'Set my password' }).click();
    await page.getByRole('status').filter({ hasText: 'Not set: ' }).waitFor();
    await page.getByLabel('New password').fill('a brand new battery');
    await page.getByRole('button', { name: 'Set my password' }).click();
    await page.getByRole('status').filter({ hasText: 'Your new password counts.' }).waitFor();
    expect(await page.getByLabel('New password').isVisible()).toBe(false);
    const { userId } = await signIn(platform.url, { email, password: 'a brand new battery' });
    expect(userId).toMatch(/^[0-9a-f-]{36}$/);
    expect([...problems(), ...foreign]).toEqual([]);
  });

  test('the Sandbox asks for one script of the internet, and says so when that is away', async () => {
    const { page, problems, forgive, foreign } = await openWatchedPage(browser, { origin });
    await page.goto(`${origin}/sandbox`);
    await page.getByRole('heading', { name: 'Apollo Sandbox is not reachable' }).waitFor();
    expect(foreign).toEqual([expect.stringMatching(/^https:\/\/embeddable-sandbox\.cdn\.apollographql\.com\//)]);
    forgive(/ERR_INTERNET_DISCONNECTED/);
    expect(problems()).toEqual([]);
  });

  test('the landing page links to what is there', async () => {
    const { page, problems, foreign } = await openWatchedPage(browser, { origin });
    await page.goto(origin);
    await page.getByRole('link', { name: 'health' }).click();
    await page.waitForURL(`${origin}/health`);
    expect([...problems(), ...foreign]).toEqual([]);
  });
});

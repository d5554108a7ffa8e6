import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { ConfigError } from '@orion/platform/config';
import { eventually } from '@orion/platform/testing';
import { mountedPages } from './mounted-pages.js';
import { compose, startTestGateway } from './testing/test-gateway.js';
import type { TestGateway } from './testing/test-gateway.js';
import { startTestSubgraph } from './testing/test-subgraph.js';
import type { TestSubgraph } from './testing/test-subgraph.js';

const PAGES_DIR = fileURLToPath(new URL('../../subgraphs/auth/pages', import.meta.url));
const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { one: Int }
type Mutation {
  verifyEmail(input: VerifyEmailInput!): VerifyEmailPayload!
  resetPassword(input: ResetPasswordInput!): ResetPasswordPayload!
}
input ResetPasswordInput { token: String! newPassword: String! }
type ResetPasswordPayload { reset: Boolean! userErrors: [UserError!]! }
input VerifyEmailInput { token: String! }
type VerifyEmailPayload { verified: Boolean! userErrors: [UserError!]! }
type UserError { message: String! path: [String!]! }
`;

let auth: TestSubgraph;
let gateway: TestGateway;
let folder: string;

beforeAll(async () => {
  const verifyEmail = (_: unknown, { input: { token } }: { readonly input: { readonly token: string } }) =>
    token === 'good'
      ? { verified: true, userErrors: [] }
      : { verified: false, userErrors: [{ message: 'The token was used already.', path: ['input', 'token'] }] };
  const resetPassword = (_: unknown, { input }: { readonly input: { readonly newPassword: string } }) =>
    input.newPassword === 'long enough'
      ? { reset: true, userErrors: [] }
      : { reset: false, userErrors: [{ message: 'Use more characters.', path: ['input', 'newPassword'] }] };
  auth = await startTestSubgraph({ name: 'auth', sdl: SDL, resolvers: { Mutation: { verifyEmail, resetPassword } } });
  folder = await mkdtemp(join(tmpdir(), 'gateway-mounted-'));
  gateway = await startTestGateway({
    supergraph: { sdl: await compose([auth]) },
    production: true,
    pages: mountedPages({ PAGES_DIR }),
  });
});

afterAll(async () => {
  await gateway.stop();
  await auth.stop();
  await rm(folder, { recursive: true });
});

const PAGES = ['verify-email', 'reset-password', 'unlock-account', 'confirm-email-change'];

test.each(PAGES)(
  'ID-46: the link of a mail leads to the page %s, with its token, and nothing is sent',
  async (name) => {
    const before = auth.requests.length;
    const link = await fetch(`${gateway.url}/${name}?token=abc`, { redirect: 'manual' });
    expect(link.status).toBe(308);
    expect(link.headers.get('location')).toBe(`/${name}/?token=abc`);
    const page = await fetch(`${gateway.url}/${name}?token=abc`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'self';.*connect-src 'self';/);
    expect(policy).not.toMatch(/script-src|wss?:|https?:/);
    const html = await page.text();
    expect([...html.matchAll(/<script\b[^>]*>([^]*?)<\/script>/g)].map(([, inline]) => inline)).toEqual(['']);
    expect(html).not.toMatch(/https?:|\son[a-z]+=/);
    const [, source = ''] = /<script type="module" src="([^"]+)">/.exec(html) ?? [];
    const script = await fetch(new URL(source, page.url));
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toBe('no-cache');
    // Programs that check mails open every link in them.
    expect(auth.requests).toHaveLength(before);
  },
);

test('nothing beside the page can be read, and it is not among the links', async () => {
  for (const path of ['/../../src/main.ts', '/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json', '/nothing.js'])
    expect(await rawStatus(`/verify-email${path}`)).toBe(404);
  expect(await (await fetch(gateway.url)).text()).not.toContain('verify-email');
});

/** Sent as it is: fetch would tidy the path up. */
function rawStatus(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
    );
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('end', () => resolve(Number(received.split(' ')[1])));
    socket.on('error', reject);
  });
}

interface Element {
  hidden: boolean;
  disabled: boolean;
  textContent: string;
  readonly dataset: Readonly<Record<string, string>>;
  submit?: (event: { preventDefault(): void }) => void;
}

/** Runs a page's script with the few things of a browser that it uses, against the gateway. */
async function openPage(name: string, { search, inputs = {} }: { search: string; inputs?: Record<string, string> }) {
  const html = await readFile(join(PAGES_DIR, name, 'index.html'), 'utf8');
  const attributes = [...html.matchAll(/data-([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]);
  const element = (dataset = {}): Element => ({ hidden: true, disabled: false, textContent: '', dataset });
  const form = element(Object.fromEntries(attributes));
  const elements: Record<string, Element> = { form, button: element(), question: element(), outcome: element() };
  const addresses: string[] = [];
  runInNewContext(await readFile(join(PAGES_DIR, 'mail-link/mail-link.js'), 'utf8'), {
    URLSearchParams,
    FormData: class {
      *[Symbol.iterator]() {
        yield* Object.entries(inputs);
      }
    },
    location: { search, pathname: `/${name}/` },
    history: { replaceState: (_state: unknown, _title: string, address: string) => addresses.push(address) },
    fetch: (path: string, init: RequestInit) => fetch(new URL(path, gateway.url), init),
    document: {
      getElementById: (id: string) =>
        Object.assign(elements[id] ?? {}, {
          addEventListener: (_type: string, submit: NonNullable<Element['submit']>) =>
            void Object.assign(elements[id] ?? {}, { submit }),
        }),
    },
  });
  const { outcome = element() } = elements;
  return { form, outcome, addresses, submit: () => form.submit?.({ preventDefault: () => undefined }) };
}

test('opening the page sends nothing and hides the token; the button verifies', async () => {
  const before = auth.requests.length;
  const { form, outcome, addresses, submit } = await openPage('verify-email', { search: '?token=good' });
  expect(addresses).toEqual(['/verify-email/']);
  expect(form.hidden).toBe(false);
  expect(auth.requests).toHaveLength(before);
  submit();
  await eventually(() => outcome.textContent.includes('is verified'));
  expect(auth.requests).toHaveLength(before + 1);
  expect(form.hidden).toBe(true);
});

test('the page says why it did not work, and may be tried again when the token is still good', async () => {
  const bad = await openPage('verify-email', { search: '?token=bad' });
  bad.submit();
  await eventually(() => bad.outcome.textContent === 'Not verified: The token was used already.');
  expect(bad.form.hidden).toBe(true);
  const short = await openPage('reset-password', { search: '?token=good', inputs: { newPassword: 'short' } });
  short.submit();
  await eventually(() => short.outcome.textContent === 'Not set: Use more characters.');
  expect(short.form.hidden).toBe(false);
  const good = await openPage('reset-password', { search: '?token=good', inputs: { newPassword: 'long enough' } });
  good.submit();
  await eventually(() => good.outcome.textContent === 'Your new password counts. Sign in with it.');
  const without = await openPage('verify-email', { search: '' });
  expect(without.outcome.textContent).toContain('no token');
  expect(without.form.submit).toBeUndefined();
});

test('folders that cannot be pages are told before anything starts', async () => {
  expect(mountedPages({})).toEqual([]);
  await writeFile(join(folder, 'README.md'), '');
  for (const name of ['fine', '.hidden', 'graphql', 'Not Fine']) await mkdir(join(folder, name));
  expect(() => mountedPages({ PAGES_DIR: folder })).toThrow(/"Not Fine"[^]*"graphql"|"graphql"[^]*"Not Fine"/);
  expect(() => mountedPages({ PAGES_DIR: join(folder, 'nowhere') })).toThrow(ConfigError);
  for (const name of ['graphql', 'Not Fine']) await rm(join(folder, name), { recursive: true });
  expect(mountedPages({ PAGES_DIR: folder })).toEqual([
    { path: '/fine', directory: join(folder, 'fine'), isUnlisted: true },
  ]);
});

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
type Mutation { verifyEmail(input: VerifyEmailInput!): VerifyEmailPayload! }
input VerifyEmailInput { token: String! }
type VerifyEmailPayload { verified: Boolean! userErrors: [UserError!]! }
type UserError { message: String! }
`;

let auth: TestSubgraph;
let gateway: TestGateway;
let folder: string;

beforeAll(async () => {
  const verifyEmail = (_: unknown, { input: { token } }: { readonly input: { readonly token: string } }) =>
    token === 'good'
      ? { verified: true, userErrors: [] }
      : { verified: false, userErrors: [{ message: 'The token was used already.' }] };
  auth = await startTestSubgraph({ name: 'auth', sdl: SDL, resolvers: { Mutation: { verifyEmail } } });
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

test('the link of a mail leads to the page, with its token', async () => {
  const link = await fetch(`${gateway.url}/verify-email?token=abc`, { redirect: 'manual' });
  expect(link.status).toBe(308);
  expect(link.headers.get('location')).toBe('/verify-email/?token=abc');
  const page = await fetch(`${gateway.url}/verify-email?token=abc`);
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
  const script = await fetch(`${gateway.url}/verify-email/verify-email.js`);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toBe('no-cache');
});

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
  press?: () => void;
}

/** Runs the page's script with the few things of a browser that it uses, against the gateway. */
async function openPage(search: string) {
  const element = (): Element => ({ hidden: false, disabled: false, textContent: '' });
  const elements: Record<string, Element> = { verify: element(), question: element(), outcome: element() };
  const addresses: string[] = [];
  runInNewContext(await readFile(join(PAGES_DIR, 'verify-email/verify-email.js'), 'utf8'), {
    URLSearchParams,
    location: { search, pathname: '/verify-email/' },
    history: { replaceState: (_state: unknown, _title: string, address: string) => addresses.push(address) },
    fetch: (path: string, init: RequestInit) => fetch(new URL(path, gateway.url), init),
    document: {
      getElementById: (id: string) =>
        Object.assign(elements[id] ?? {}, {
          addEventListener: (_type: string, listener: () => void) =>
            void Object.assign(elements[id] ?? {}, { press: listener }),
        }),
    },
  });
  const { verify, outcome } = elements;
  if (verify === undefined || outcome === undefined) throw new Error('the page lost its elements');
  return { verify, outcome, addresses };
}

test('opening the page sends nothing and hides the token; the button verifies', async () => {
  const { verify, outcome, addresses } = await openPage('?token=good');
  expect(addresses).toEqual(['/verify-email/']);
  expect(verify.hidden).toBe(false);
  expect(auth.requests).toEqual([]);
  verify.press?.();
  await eventually(() => outcome.textContent.includes('is verified'));
  expect(auth.requests).toHaveLength(1);
  expect(verify.hidden).toBe(true);
});

test('the page says why an address is not verified', async () => {
  const { verify, outcome } = await openPage('?token=bad');
  verify.press?.();
  await eventually(() => outcome.textContent === 'Not verified: The token was used already.');
  const without = await openPage('');
  expect(without.outcome.textContent).toContain('no token');
  expect(without.verify.press).toBeUndefined();
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

import type { Page, Settings } from '../settings.js';
import type { Stage } from '../stage.js';
import type { Exchange, Reply } from './exchange.js';
import { landingPage } from './landing-page.js';
import { SANDBOX_POLICY, sandboxPage } from './sandbox-page.js';
import { readStaticFile } from './static-files.js';

/** A bundled page loads nothing from elsewhere and may talk to this gateway only; 'self' is its ws: or wss: as well. */
const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; " +
  "worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** Serves mounted folders, the Sandbox, the landing page, and sends a browser that opens /graphql to a page it can use. */
export const servePages: Stage = (exchange, { settings }) => {
  const { method, path } = exchange;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (path === '/') return html(landingPage(settings), PAGE_POLICY);
  if (path === '/sandbox' && !settings.production) return html(sandboxPage(settings), SANDBOX_POLICY);
  if (path === '/graphql') return redirectBrowser(exchange, settings);
  const page = settings.pages.find((mounted) => path === mounted.path || path.startsWith(`${mounted.path}/`));
  return page === undefined ? undefined : servePage(exchange, page);
};

async function servePage(exchange: Exchange, page: Page): Promise<Reply | undefined> {
  // Relative links of the page resolve against the folder only with the slash; a mailed link has its token in the search.
  if (exchange.path === page.path)
    return { status: 308, headers: { location: `${page.path}/${exchange.search}` }, body: null };
  const inside = exchange.path.slice(page.path.length + 1);
  const file = await readStaticFile(page.directory, inside === '' ? 'index.html' : inside);
  if (file !== null) {
    const cache = file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache';
    return {
      status: 200,
      headers: { 'content-type': file.type, 'cache-control': cache, 'content-security-policy': PAGE_POLICY },
      body: file.bytes,
    };
  }
  // A single-page application routes by itself: its deep links are all the same file.
  if (!wantsHtml(exchange)) return undefined;
  const index = await readStaticFile(page.directory, 'index.html');
  return index === null ? undefined : html(index.bytes, PAGE_POLICY);
}

function redirectBrowser(exchange: Exchange, settings: Settings): Reply | undefined {
  if (!wantsHtml(exchange) || new URLSearchParams(exchange.search).has('query')) return undefined;
  const target = settings.pages.some((page) => page.path === '/graphiql') ? '/graphiql/' : '/';
  return { status: 302, headers: { location: target }, body: null };
}

function wantsHtml({ headers }: Exchange): boolean {
  return headers.get('accept')?.includes('text/html') ?? false;
}

function html(body: string | Buffer, policy: string): Reply {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-cache',
  };
  return { status: 200, headers, body };
}

import type { Stage } from '../stage.js';
import { limitClient } from '../security/rate-limit/limit-rate.js';
import { Refusal } from './refusal.js';

/** One name, no path: what a subgraph gets to see is what it may look up. */
const NAME = /^[A-Za-z0-9_-]{1,200}(?:\.[a-z0-9]{1,10})?$/;
const TIMEOUT_MS = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** Of the subgraph's own headers only these: it says what it is and how long it keeps, and nothing else. */
const PASSED_ON = ['content-type', 'cache-control', 'etag'] as const;

/** `GET /avatars/...`: files that anybody gets who knows their names, as a subgraph has them. */
export const servePublicFiles: Stage = async (exchange, parts) => {
  const { path, method, replyHeaders, requestId } = exchange;
  const { settings, logger } = parts;
  const folder = Object.keys(settings.publicFiles).find((prefix) => path.startsWith(prefix));
  if (folder === undefined || (method !== 'GET' && method !== 'HEAD')) return undefined;
  // These never come to the stage of the limit, and cost a subgraph something.
  await limitClient(exchange, parts);
  const name = path.slice(folder.length);
  if (!NAME.test(name)) throw notFound();
  const response = await fetchFile(`${settings.publicFiles[folder] ?? ''}${name}`).catch((error: unknown) => {
    logger.warn({ err: error, requestId, folder }, 'a public file cannot be fetched');
    throw new Refusal({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
      message: 'The file cannot be fetched right now.',
      headers: { 'retry-after': '2' },
    });
  });
  if (response === null) throw notFound();
  for (const header of PASSED_ON) {
    const value = response.headers.get(header);
    if (value !== null) replyHeaders.set(header, value);
  }
  // Whatever the bytes are: they run nothing, and pages of any origin may show them.
  replyHeaders.set('content-security-policy', "default-src 'none'; sandbox");
  replyHeaders.set('cross-origin-resource-policy', 'cross-origin');
  return { status: 200, body: response.bytes };
};

async function fetchFile(url: string): Promise<{ readonly headers: Headers; readonly bytes: Buffer } | null> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  if (response.status === 404) {
    await response.body?.cancel();
    return null;
  }
  if (response.status !== 200) throw new Error(`the subgraph answered ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (bytes.length > MOST_BYTES) throw new Error(`the file has ${bytes.length} bytes`);
  return { headers: response.headers, bytes };
}

function notFound(): Refusal {
  return new Refusal({ status: 404, code: 'NOT_FOUND', message: 'There is no such file.' });
}

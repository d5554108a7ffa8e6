import type { Stage } from '../stage.js';
import { Refusal } from './refusal.js';

const FRESH_MS = 30_000;
const TIMEOUT_MS = 3_000;

/** Fetches the issuer's public keys, remembers them for a while, and rather serves old ones than none. */
export type FetchKeys = () => Promise<string>;

export function createKeyFetcher(jwksUrl: string): FetchKeys {
  let known: { readonly text: string; readonly at: number } | undefined;
  let fetching: Promise<string> | undefined;
  const fetchNow = async (): Promise<string> => {
    const response = await fetch(jwksUrl, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${jwksUrl} answered ${response.status}`);
    const text = JSON.stringify(await response.json());
    known = { text, at: Date.now() };
    return text;
  };
  return async () => {
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.text;
    fetching ??= fetchNow().finally(() => (fetching = undefined));
    try {
      return await fetching;
    } catch (error) {
      if (known !== undefined) return known.text;
      throw error;
    }
  };
}

/** `GET /.well-known/jwks.json`: clients and other services verify access tokens with the gateway as the one address. */
export const serveKeys: Stage = async ({ path, method }, { fetchKeys, logger }) => {
  if (path !== '/.well-known/jwks.json' || method !== 'GET') return undefined;
  if (fetchKeys === undefined) {
    throw new Refusal({
      status: 404,
      code: 'NOT_FOUND',
      message: 'This gateway verifies no tokens: JWKS_URL is not set.',
    });
  }
  try {
    const headers = { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=60' };
    return { status: 200, headers, body: await fetchKeys() };
  } catch (error) {
    logger.error({ err: error }, 'public keys cannot be fetched');
    throw new Refusal({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
      message: 'The keys cannot be fetched right now.',
      headers: { 'retry-after': '2' },
    });
  }
};

import type { Stage } from '../stage.js';
import { Refusal } from './refusal.js';

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

import { lookup as resolve } from 'node:dns';
import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

const LONGEST_ANSWER_BYTES = 512 * 1024;
const TIMEOUT_MS = 5_000;
/** Statuses that have no body. */
const EMPTY = new Set([204, 304]);

/** The provider cannot be reached, or does what no honest one does. */
export class ProviderUnreachableError extends Error {
  override readonly name = 'ProviderUnreachableError';
}

/** As the libraries call it. */
export type GuardedFetch = (
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly signal?: AbortSignal | undefined;
  },
) => Promise<Response>;

/**
 * Fetches from outside. Where to is said by documents of a provider as well, so: addresses inside (loopback, private,
 * link-local, metadata services) are refused, by what the name resolves to at the moment of connecting, except those
 * origins that the configuration names itself; redirects are not followed; answers are cut off at 512 KiB and 5 s.
 */
export function createGuardedFetch({
  configured,
  timeoutMs = TIMEOUT_MS,
}: {
  /** Addresses that the configuration names. */
  readonly configured: readonly string[];
  readonly timeoutMs?: number;
}): GuardedFetch {
  const trusted = new Set(configured.map((url) => new URL(url).origin));
  return async (url, { method = 'GET', headers = {}, body, signal }) => {
    const target = new URL(url);
    const isTrusted = trusted.has(target.origin);
    if (target.protocol !== 'https:' && !isTrusted) throw new ProviderUnreachableError('only https is spoken');
    if (!isTrusted && isIP(bare(target.hostname)) !== 0) refuseInside(bare(target.hostname));
    const deadline = AbortSignal.timeout(timeoutMs);
    const send = target.protocol === 'https:' ? requestHttps : requestHttp;
    const abort = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
    try {
      const incoming = await new Promise<IncomingMessage>((fulfil, reject) => {
        const outgoing = send(
          target,
          { method, headers: { ...headers }, signal: abort, ...(!isTrusted && { lookup: lookupOutside }) },
          fulfil,
        );
        outgoing.on('error', reject);
        outgoing.end(textOf(body));
      });
      return await readAnswer(incoming);
    } catch (error) {
      if (error instanceof ProviderUnreachableError) throw error;
      const reason = deadline.aborted ? `no answer in ${timeoutMs} ms` : 'no connection';
      throw new ProviderUnreachableError(`${target.host}: ${reason}`, { cause: error });
    }
  };
}

async function readAnswer(incoming: IncomingMessage): Promise<Response> {
  const status = incoming.statusCode ?? 0;
  if (status < 200 || (status >= 300 && status < 400)) {
    incoming.destroy();
    throw new ProviderUnreachableError(`the answer has status ${status}, redirects are not followed`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LONGEST_ANSWER_BYTES) {
      incoming.destroy();
      throw new ProviderUnreachableError(`the answer is longer than ${LONGEST_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Response(EMPTY.has(status) ? null : Buffer.concat(chunks), { status, headers });
}

/** Checked where the connection is made: what a name meant a moment before does not matter. */
const lookupOutside: LookupFunction = (hostname, options, done) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, '');
    try {
      for (const { address } of addresses) refuseInside(address);
    } catch (refusal) {
      return done(refusal as Error, '');
    }
    const [first] = addresses;
    if (first === undefined) return done(new ProviderUnreachableError(`${hostname} has no address`), '');
    return options.all === true ? done(null, addresses) : done(null, first.address, first.family);
  });
};

/** `unicast` is what is left of the address space when every special range is taken out (IANA registries). */
function refuseInside(address: string): void {
  if (ipaddr.process(address).range() !== 'unicast')
    throw new ProviderUnreachableError(`${address} is not an address on the internet`);
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function textOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('a body of this kind is not sent');
}

import { ConfigError } from '@orion/platform/config';

/**
 * What belongs to one connection (RFC 9110, section 7.6.1) or describes the client's own request: forwarding it would
 * break the gateway's. And what the gateway says itself.
 */
const OWN = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'accept',
  'accept-encoding',
  'x-request-id',
  'traceparent',
]);
const RESERVED = 'x-orion-';
/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** RFC 9110, section 5.5: nothing that could end the line or the header. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The names in lower case and each once. Throws ConfigError for one that is not to be forwarded. */
export function forwardable(names: readonly string[]): readonly string[] {
  const lower = [...new Set(names.map((name) => name.toLowerCase()))];
  const wrong = lower.filter((name) => !TOKEN.test(name) || OWN.has(name) || name.startsWith(RESERVED));
  if (wrong.length > 0) throw new ConfigError(wrong.map((name) => `FORWARD_HEADERS: ${name} cannot be forwarded`));
  return lower;
}

/** The client's headers of these names; undefined when it sent none of them. `valueOf` finds one by its lower-case name. */
export function forwardedHeaders(
  valueOf: (name: string) => string | undefined,
  names: readonly string[],
): Readonly<Record<string, string>> | undefined {
  let forwarded: Record<string, string> | undefined;
  for (const name of names) {
    const value = valueOf(name);
    if (value === undefined || !VALUE.test(value)) continue;
    forwarded ??= {};
    forwarded[name] = value;
  }
  return forwarded;
}

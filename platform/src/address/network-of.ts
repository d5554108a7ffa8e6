import { isIP } from 'node:net';

/** `[2001:db8::1]`, with or without a port. */
const BRACKETED = /^\[([^\]]+)\](?::\d{1,5})?$/;
const IPV4_WITH_PORT = /^([\d.]+):\d{1,5}$/;
/** As `canonical` writes it: RFC 4291, section 2.5.5.2. */
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * The address that a proxy wrote into `x-forwarded-for`, in the one way it is written here: without port, brackets and
 * zone, IPv6 as RFC 5952 says, and IPv4 that is mapped into IPv6 as IPv4. Undefined for what is no address.
 */
export function addressOf(text: string): string | undefined {
  const bare = BRACKETED.exec(text)?.[1] ?? IPV4_WITH_PORT.exec(text)?.[1] ?? text;
  const version = isIP(bare);
  if (version === 0) return undefined;
  return version === 4 ? bare : canonical(bare);
}

function canonical(ipv6: string): string {
  const [address = ''] = ipv6.split('%');
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(written) ?? [];
  if (high === undefined || low === undefined) return written;
  const bits = [high, low].map((group) => Number.parseInt(group, 16));
  return bits.flatMap((group) => [group >> 8, group & 0xff]).join('.');
}

/**
 * What counts as one client: an IPv4 address, and of IPv6 the /64 network, as that is what one customer gets (RFC 6177):
 * single addresses would be a new client each time.
 */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip;
  const address = addressOf(ip);
  if (address === undefined) return ip;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const start = head === '' ? [] : head.split(':');
  const end = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - start.length - end.length) }, () => '0');
  return `${[...start, ...zeros, ...end].slice(0, 4).join(':')}::/64`;
}

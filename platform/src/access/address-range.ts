import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** True for an address (`192.0.2.1`, `2001:db8::1`) and for a range (`192.0.2.0/24`, `2001:db8::/32`). */
export function isAddressRange(text: string): boolean {
  return text.includes('/') ? ipaddr.isValidCIDR(text) && isWritten(text.slice(0, text.indexOf('/'))) : isWritten(text);
}

interface Range {
  readonly network: Address;
  readonly bits: number;
}

/** Rules are looked at for every request, and say the same each time. */
const parsed = new Map<string, Range>();
const MOST_PARSED = 10_000;

/** True when the address is in one of the ranges. Throws for what is no address or no range. */
export function isInRanges(ip: string, ranges: readonly string[]): boolean {
  const address = ipaddr.process(ip);
  return ranges.some((range) => isIn(address, range));
}

function isIn(address: Address, text: string): boolean {
  const { network, bits } = rangeOf(text);
  return address.kind() === network.kind() && address.match(network, bits);
}

function rangeOf(text: string): Range {
  let range = parsed.get(text);
  if (range === undefined) {
    const [address, prefix] = text.includes('/') ? ipaddr.parseCIDR(text) : single(text);
    const [network, bits] = withoutMapping(address, prefix);
    range = { network, bits };
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(text, range);
  }
  return range;
}

function single(text: string): [Address, number] {
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** IPv4 that is written as IPv6 (`::ffff:192.0.2.0/120`) is IPv4. */
function withoutMapping(network: Address, bits: number): [Address, number] {
  return network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= 96
    ? [network.toIPv4Address(), bits - 96]
    : [network, bits];
}

/** The library also reads `1`, `0x7f.1` and `010.0.0.1` as IPv4, which mean something else to most people. */
function isWritten(text: string): boolean {
  return text.includes(':')
    ? ipaddr.IPv6.isValid(text) && !text.includes('%')
    : ipaddr.IPv4.isValidFourPartDecimal(text);
}

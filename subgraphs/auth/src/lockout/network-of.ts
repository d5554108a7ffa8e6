import ipaddr from 'ipaddr.js';

/** Groups of 16 bits of an IPv6 address that name its network; the rest is chosen by whoever has it. */
const NETWORK_GROUPS = 4;

/** What counts as one origin: an IPv4 address, or the /64 network of an IPv6 address. Null when it is not known. */
export function networkOf(ip: string | null): string | null {
  if (ip === null || !ipaddr.isValid(ip)) return null;
  // `process` makes an IPv4 address of one that is written as IPv6.
  const address = ipaddr.process(ip);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  const network = address.parts.slice(0, NETWORK_GROUPS).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

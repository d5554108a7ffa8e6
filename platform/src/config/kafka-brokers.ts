/** Where a Kafka client connects to. `host` is a name, an IPv4 or an IPv6 address, the last without brackets. */
export interface KafkaAddress {
  readonly host: string;
  readonly port: number;
}

const EXAMPLE = 'host:port separated by commas, for instance kafka-1:9092,kafka-2:9092';
const ADDRESS = /^(?:\[(?<ipv6>[\da-f:.]+(?:%[\w.-]+)?)\]|(?<host>[\w.-]+)):(?<port>\d{1,5})$/i;

/**
 * Reads a list of bootstrap brokers. Spaces around commas and commas too many are forgiven; anything else that is not
 * `host:port` or `[ipv6]:port` becomes a problem that says what to write. The list is right when there is none.
 */
export function readKafkaBrokers(list: string): {
  readonly addresses: readonly KafkaAddress[];
  readonly problems: readonly string[];
} {
  const entries = list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return { addresses: [], problems: [`names no broker: write ${EXAMPLE}`] };
  const read = entries.map(readEntry);
  return {
    addresses: read.filter((entry) => typeof entry !== 'string'),
    problems: read.filter((entry) => typeof entry === 'string'),
  };
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatKafkaAddress({ host, port }: KafkaAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function readEntry(entry: string): KafkaAddress | string {
  const { ipv6, host, port } = ADDRESS.exec(entry)?.groups ?? {};
  if (port === undefined) return problemOf(entry);
  if (Number(port) < 1 || Number(port) > 65_535) return `"${entry}": a port is a number from 1 to 65535`;
  return { host: ipv6 ?? host ?? '', port: Number(port) };
}

function problemOf(entry: string): string {
  // A URL may hold a password, so what stands before an @ is not repeated.
  const shown = entry.replace(/^(.*:\/\/)?[^@]*@/, '$1...@');
  const url = /^(?<scheme>[\w+.-]+):\/\/(?:[^@/]*@)?(?<rest>[^/]*)/.exec(entry)?.groups;
  if (url !== undefined) {
    const security = /s(?:sl|asl)|tls/i.test(url['scheme'] ?? '') ? ', with KAFKA_SSL and KAFKA_SASL_* beside it' : '';
    return `"${shown}" is a URL: write only ${withPort(url['rest'] ?? '')}${security}`;
  }
  if (/\s|;/.test(entry)) return `"${shown}" is not one broker: write ${EXAMPLE}`;
  if (/^[\w.-]+:?$/.test(entry)) return `"${shown}" has no port: write ${withPort(entry)}`;
  if (/^\[?[\da-f]*:[\da-f:.]*:[\da-f.]*\]?$/i.test(entry))
    return `"${shown}" is an IPv6 address without a port: write ${withPort(`[${entry.replace(/[[\]]/g, '')}]`)}`;
  return `"${shown}" is not a broker: write ${EXAMPLE}`;
}

function withPort(host: string): string {
  return /[\w\]]:\d+$/.test(host) ? host : `${host.replace(/:$/, '') || 'host'}:9092`;
}

import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory, KafkaConfig, SASLOptions } from 'kafkajs';
import { formatKafkaAddress } from '../../../config/index.js';
import type { KafkaAddress, KafkaSasl, KafkaSecurity } from '../../../config/index.js';

const KEEP_ALIVE_MS = 60_000;

/**
 * How kafkajs connects. It splits bootstrap addresses at their first colon, so an IPv6 address goes by a made-up name
 * that the socket factory turns back.
 */
export function kafkajsConnection(
  addresses: readonly KafkaAddress[],
  { tls, sasl }: KafkaSecurity,
): Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl' | 'socketFactory'> {
  const ipv6 = new Map(
    addresses.filter(({ host }) => isIP(host) === 6).map(({ host }, index) => [`ipv6-${index}.invalid`, host]),
  );
  const names = new Map([...ipv6].map(([name, host]) => [host, name]));
  const socketFactory: ISocketFactory = ({ host: given, port, onConnect }) => {
    const host = ipv6.get(given) ?? given;
    const socket =
      tls === undefined
        ? connectTcp({ host, port }, onConnect)
        : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls }, onConnect);
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  };
  return {
    brokers: addresses.map(({ host, port }) => formatKafkaAddress({ host: names.get(host) ?? host, port })),
    ssl: tls !== undefined,
    socketFactory,
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
  };
}

/** A new object for each client: kafkajs puts its authenticator into it. */
function saslOptions({ mechanism, username, password }: KafkaSasl): SASLOptions {
  return { mechanism, username, password };
}

import { once } from 'node:events';
import { kafkajsConnection } from './kafkajs-connection.js';

test('names and IPv4 addresses are handed on as they are', () => {
  const { brokers, ssl, sasl } = kafkajsConnection(
    [
      { host: 'kafka-1', port: 9092 },
      { host: '10.0.0.1', port: 9093 },
    ],
    {},
  );
  expect({ brokers, ssl, sasl }).toEqual({ brokers: ['kafka-1:9092', '10.0.0.1:9093'], ssl: false, sasl: undefined });
});

test('an IPv6 address survives the first colon, at which kafkajs splits', async () => {
  const { brokers, socketFactory } = kafkajsConnection([{ host: '::1', port: 1 }], {});
  const [host = '', port] = ((brokers as string[])[0] ?? '').split(':');
  expect(Number(port)).toBe(1);
  const socket = socketFactory?.({ host, port: 1, ssl: {}, onConnect: () => undefined });
  // Nothing listens there; what matters is where it was tried.
  const [error] = (await once(socket as NonNullable<typeof socket>, 'error')) as [{ readonly address: string }];
  expect(error.address).toBe('::1');
});

import { createGraphClient, newcomer, signIn } from '@orion/tests/graph';
import { latencies } from './measure.js';
import type { Figure } from './measure.js';

const SAMPLES = 200;

/** From a mutation on one connection to the event on the socket of another client, one at a time. */
export async function measureNotificationLatency(url: string): Promise<readonly Figure[]> {
  const admin = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
  const reader = await newcomer(url, { name: `Reader${Date.now()}` });
  const stream = await reader.client.subscribe(
    'subscription { notificationReceived { notification { title actor { displayName } } } }',
  );
  const sent: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    const start = performance.now();
    const arrived = stream.next();
    await admin.client.query(SEND, {
      input: { recipientId: reader.userId, type: 'BENCH', title: String(index), body: '-' },
    });
    const { data } = await arrived;
    if (data.notificationReceived.notification.title !== String(index)) throw new Error('events out of order');
    sent.push(performance.now() - start);
  }
  await stream.stop();

  const live = await admin.client.subscribe(
    'subscription { liveEvents(filter: { names: ["notification.sent"] }) { name } }',
  );
  const registered: number[] = [];
  const anonymous = createGraphClient(url);
  for (let index = 0; index < SAMPLES; index += 1) {
    const start = performance.now();
    const arrived = live.next();
    const email = `bench-${Date.now()}-${index}@example.com`;
    await anonymous.query(REGISTER, { input: { email, password: 'correct horse battery', displayName: 'Bench' } });
    await arrived;
    registered.push(performance.now() - start);
  }
  await live.stop();
  return [
    {
      name: "registration -> welcome notification seen on a client's socket (auth -> bus -> notification -> bus -> analytics -> gateway)",
      value: latencies(registered),
    },
    { name: "sendNotification -> recipient's socket, complete with another subgraph's field", value: latencies(sent) },
  ];
}

const SEND =
  'mutation ($input: SendNotificationInput!) { sendNotification(input: $input) { notifications { id } userErrors { code } } }';
const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accepted } }';

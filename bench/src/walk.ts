import { newcomer } from '@orion/tests/graph';
import { latencies, timed } from './measure.js';
import type { Figure } from './measure.js';

const RUNS = 20;

/** The path of a newcomer: register, mail, verify, sign in, `me` across four subgraphs, welcome on the live subscription. */
export async function measureWalk(url: string): Promise<readonly Figure[]> {
  const samples: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const { ms } = await timed(async () => {
      const person = await newcomer(url, { name: `Walker${Date.now()}${index}` });
      const stream = await person.client.subscribe(
        'subscription { notificationReceived(afterRev: 0) { notification { type } } }',
      );
      const { data } = await stream.next();
      if (data.notificationReceived.notification.type !== 'WELCOME') throw new Error('no welcome');
      const me = await person.client.query(
        '{ me { displayName sessions(first: 1) { nodes { id } } notificationCounts { total } activitySummary { logins } } }',
      );
      if (me.errors.length > 0) throw new Error(JSON.stringify(me.errors));
      await stream.stop();
    });
    samples.push(ms);
  }
  return [
    {
      name: 'the walk: register, mail, verify, login, live welcome, me across four subgraphs',
      value: latencies(samples),
    },
  ];
}

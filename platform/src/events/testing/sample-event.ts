import { uuidv7 } from '../../ids/index.js';
import type { EventEnvelope } from '../envelope.js';

/** A real event on `topic`; `n` is in its data. */
export function sampleEvent(topic: string, { key, n }: { readonly key: string; readonly n: number }): EventEnvelope {
  const id = uuidv7();
  return {
    id,
    type: 'dev.orion.sample.happened.v1',
    source: '/subgraphs/sample',
    topic,
    key,
    time: new Date().toISOString(),
    correlationId: id,
    causationId: id,
    actorId: n % 2 === 0 ? null : 'user-1',
    traceparent: n % 2 === 0 ? null : '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data: { n, text: 'gr\u00fc\u00dfe \u2713', nested: { list: [1, null, true] } },
  };
}

/** The `n` of sample events. */
export function numbersOf(events: readonly EventEnvelope[]): number[] {
  return events.map((event) => (event.data as { readonly n: number }).n);
}

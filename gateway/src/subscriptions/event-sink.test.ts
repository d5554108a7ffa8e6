import { Writable } from 'node:stream';
import { eventually } from '@orion/platform/testing';
import { createEventSink } from './event-sink.js';
import type { SlowClientPolicy } from './event-sink.js';
import { createOutlet } from './outlet.js';
import type { Outlet } from './outlet.js';
import { createStreamEvent } from './stream-event.js';

/** A connection that takes bytes only when it is told to, and holds none back by itself. */
function clientOf(policy: SlowClientPolicy, limit: number) {
  const received: string[] = [];
  const happened: string[] = [];
  let isReading = true;
  let resume: (() => void) | undefined;
  const connection = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      received.push(chunk.toString());
      if (isReading) done();
      else resume = done;
    },
  });
  const real = createOutlet(connection, () => true);
  /** Whom the outlet would call back. */
  const registered = new Set<() => void>();
  const outlet: Outlet = {
    ...real,
    whenReady: (flush) => {
      registered.add(flush);
      real.whenReady(flush);
    },
    forget: (flush) => {
      registered.delete(flush);
      real.forget(flush);
    },
  };
  const sink = createEventSink({
    outlet,
    write: (event) => outlet.write(Buffer.from(event.text)),
    limit,
    policy,
    onDropped: (count) => happened.push(`dropped ${count}`),
    onOverflow: () => happened.push('overflow'),
    onEnd: (failure) => happened.push(`end ${failure?.text ?? ''}`),
  });
  return {
    sink,
    received,
    happened,
    registered,
    stop: () => (isReading = false),
    read: () => {
      isReading = true;
      resume?.();
    },
    push: (...data: readonly number[]) => sink.push(data.map((value) => createStreamEvent(`{"data":${value}}`))),
  };
}

test('a client that keeps up gets everything at once, and the end after it', async () => {
  const { sink, received, happened, push } = clientOf('disconnect', 2);
  push(1);
  push(2, 3);
  sink.end(createStreamEvent('{"errors":[]}'));
  push(4);
  await eventually(() => happened.length === 1);
  expect(received).toEqual(['{"data":1}', '{"data":2}', '{"data":3}']);
  expect(happened).toEqual(['end {"errors":[]}']);
});

test('what waits for a client is delivered in order when it reads again, then the end', async () => {
  const { sink, received, happened, stop, read, push } = clientOf('disconnect', 3);
  stop();
  push(1);
  push(2);
  push(3);
  sink.end(undefined);
  expect(happened).toEqual([]);
  read();
  await eventually(() => happened.length === 1);
  expect(received).toEqual(['{"data":1}', '{"data":2}', '{"data":3}']);
});

test('disconnect: one event more than may wait ends it, once, and nothing more is written', async () => {
  const { received, happened, stop, read, push } = clientOf('disconnect', 2);
  stop();
  for (const value of [1, 2, 3, 4, 5]) push(value);
  expect(happened).toEqual(['dropped 3', 'overflow']);
  read();
  await new Promise((resolve) => setImmediate(resolve));
  expect(received).toEqual(['{"data":1}']);
});

test('drop-oldest: the newest are kept, and the next one says how many are missing', async () => {
  const { received, happened, stop, read, push } = clientOf('drop-oldest', 2);
  stop();
  for (const value of [1, 2, 3, 4, 5]) push(value);
  read();
  await eventually(() => received.length === 3);
  push(6);
  await eventually(() => received.length === 4);
  expect(received).toEqual(['{"data":1}', '{"data":4,"extensions":{"dropped":2}}', '{"data":5}', '{"data":6}']);
  expect(happened).toEqual(['dropped 1', 'dropped 1']);
});

test('of a discarded stream nothing more is written', async () => {
  const { sink, received, registered, stop, read, push } = clientOf('disconnect', 3);
  stop();
  push(1);
  push(2);
  expect(registered.size).toBe(1);
  sink.discard();
  // A connection that never drains would keep it for as long as it is open.
  expect(registered.size).toBe(0);
  read();
  await new Promise((resolve) => setImmediate(resolve));
  expect(received).toEqual(['{"data":1}']);
});

import { createEventQueue } from './event-queue.js';

function queueOf(limit: number) {
  const happened: string[] = [];
  const queue = createEventQueue<number>({
    limit,
    onOverflow: () => happened.push('overflow'),
    onDone: () => happened.push('done'),
  });
  return { queue, happened };
}

test('delivers in order, before and after somebody waits, and ends after the last event', async () => {
  const { queue, happened } = queueOf(10);
  queue.push(1);
  const received: number[] = [];
  const reading = (async () => {
    for await (const event of queue) received.push(event);
  })();
  await Promise.resolve();
  queue.push(2);
  queue.push(3);
  queue.end();
  queue.push(4);
  await reading;
  expect(received).toEqual([1, 2, 3]);
  expect(happened).toEqual(['done']);
});

test('overflow drops the reader once and keeps nothing for it', async () => {
  const { queue, happened } = queueOf(2);
  [1, 2, 3, 4].forEach((event) => queue.push(event));
  expect(happened).toEqual(['done', 'overflow']);
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});

test('return wakes a reader that waits', async () => {
  const { queue, happened } = queueOf(2);
  const waiting = queue.next();
  await queue.return(undefined);
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(happened).toEqual(['done']);
});

import { createLiveChannel, SlowSubscriberError } from './live-channel.js';

test('everybody who listens on a key gets its values in order, nobody else does', async () => {
  const channel = createLiveChannel<number>();
  const [one, two, other] = [channel.listen('a'), channel.listen('a'), channel.listen('b')];
  channel.publish('a', 1);
  channel.publish('a', 2);
  for (const listener of [one, two]) {
    expect(await listener.next()).toEqual({ done: false, value: 1 });
    expect(await listener.next()).toEqual({ done: false, value: 2 });
  }
  const nothing = other.next();
  channel.publish('b', 3);
  expect(await nothing).toEqual({ done: false, value: 3 });
});

test('listening begins with the call, before the first next', async () => {
  const channel = createLiveChannel<string>();
  const listener = channel.listen('a');
  channel.publish('a', 'early');
  expect(await listener.next()).toEqual({ done: false, value: 'early' });
});

test('two calls of next at once get one value each, in order', async () => {
  const channel = createLiveChannel<number>();
  const listener = channel.listen('a');
  const both = [listener.next(), listener.next()];
  channel.publish('a', 1);
  channel.publish('a', 2);
  expect(await Promise.all(both)).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
  ]);
});

test('a listener that returns is forgotten', async () => {
  const channel = createLiveChannel<string>();
  const listener = channel.listen('a');
  await listener.return();
  expect(channel.size).toBe(0);
  expect(await listener.next()).toEqual({ done: true, value: undefined });
});

test('a slow listener gets what fits and then an error, the others go on', async () => {
  const channel = createLiveChannel<number>({ queueLimit: 2 });
  const slow = channel.listen('a');
  const fast = channel.listen('a');
  for (const value of [1, 2, 3]) {
    const next = fast.next();
    channel.publish('a', value);
    expect(await next).toEqual({ done: false, value });
  }
  expect([await slow.next(), await slow.next()].map(({ value }) => value)).toEqual([1, 2]);
  await expect(slow.next()).rejects.toBeInstanceOf(SlowSubscriberError);
});

test('closing ends every iteration', async () => {
  const channel = createLiveChannel<number>();
  const waiting = channel.listen('a').next();
  channel.close();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

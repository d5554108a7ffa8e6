import { createLogger } from '../log/index.js';
import { eventually } from '../testing/eventually.js';
import { createLivePoll } from './live-poll.js';

const logger = createLogger('test', { level: 'silent' });

/** A poll over a list that grows, and how often it was looked at. */
function pollOver(list: string[], { failing = () => false }: { readonly failing?: () => boolean } = {}) {
  let looks = 0;
  const poll = createLivePoll({
    everyMs: 5,
    look: (cursor: number | null) => {
      looks += 1;
      if (failing()) return Promise.reject(new Error('no database'));
      return Promise.resolve({ values: list.slice(cursor ?? list.length), cursor: list.length });
    },
    logger,
  });
  return { poll, looks: () => looks };
}

test('everybody who listens is told what comes from then on, in order, and nothing twice', async () => {
  const list = ['old'];
  const { poll } = pollOver(list);
  const [one, two] = await Promise.all([poll.listen(), poll.listen()]);
  list.push('a', 'b');
  for (const listener of [one, two]) {
    expect(await listener.next()).toEqual({ done: false, value: 'a' });
    expect(await listener.next()).toEqual({ done: false, value: 'b' });
  }
  await poll.close();
  expect(await one.next()).toEqual({ done: true, value: undefined });
});

test('nobody looks when nobody listens, and looking begins again for the next one', async () => {
  const list: string[] = [];
  const { poll, looks } = pollOver(list);
  const first = await poll.listen();
  await first.return?.();
  // Ten times as long as between two looks.
  let seen = -1;
  await eventually(() => looks() === seen || ((seen = looks()), false), { every: 50 });
  list.push('missed');
  const second = await poll.listen();
  list.push('new');
  expect(await second.next()).toEqual({ done: false, value: 'new' });
  await poll.close();
});

test('when the first look fails the listener is told, and the next one can listen', async () => {
  let isDown = true;
  const list: string[] = [];
  const { poll } = pollOver(list, { failing: () => isDown });
  await expect(poll.listen()).rejects.toThrow('no database');
  isDown = false;
  const listener = await eventually(() => poll.listen());
  list.push('a');
  expect(await listener.next()).toEqual({ done: false, value: 'a' });
  await poll.close();
});

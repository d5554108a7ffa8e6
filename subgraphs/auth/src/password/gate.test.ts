import { createGate, createKeyedGate } from './gate.js';

const OPTIONS = { concurrency: 2, queueLimit: 1, retryAfter: 3 };

/** Work that ends when it is told to. */
function work() {
  let end = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => done, end: () => end() };
}

test('no more go on at once than may, one waits, and the next is told when to come again', async () => {
  const gate = createGate(OPTIONS);
  const [first, second, third] = [work(), work(), work()];
  const order: string[] = [];
  const all = [
    gate.run(first.run).then(() => order.push('first')),
    gate.run(second.run),
    gate.run(() => {
      order.push('third begins');
      return third.run();
    }),
  ];
  await expect(gate.run(work().run)).rejects.toMatchObject({ extensions: { code: 'RATE_LIMITED', retryAfter: 3 } });
  expect(order).toEqual([]);
  for (const one of [first, second, third]) one.end();
  await Promise.all(all);
  expect(order).toContain('third begins');
  expect(gate.isIdle()).toBe(true);
});

test('work that fails gives its place back', async () => {
  const gate = createKeyedGate({ ...OPTIONS, concurrency: 1 });
  const failing = [1, 2].map(() => gate.run('a', () => Promise.reject(new Error('failed'))));
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(gate.run('a', () => Promise.resolve('done'))).resolves.toBe('done');
});

test('one key does not wait for another', async () => {
  const gate = createKeyedGate({ ...OPTIONS, concurrency: 1 });
  const held = work();
  const holding = gate.run('a', held.run);
  await expect(gate.run('b', () => Promise.resolve('done'))).resolves.toBe('done');
  held.end();
  await holding;
});

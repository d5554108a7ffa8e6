import { createGroupCommit } from './group-commit.js';

test('what comes while a save is under way is saved together, and nothing waits when none is', async () => {
  const saved: (readonly number[])[] = [];
  let finish: (() => void) | undefined;
  const commit = createGroupCommit<number>((items) => {
    saved.push(items);
    return new Promise((resolve) => (finish = resolve));
  });
  const first = commit(1);
  await Promise.resolve();
  await Promise.resolve();
  expect(saved).toEqual([[1]]);
  const rest = [commit(2), commit(3)];
  finish?.();
  await first;
  await new Promise(setImmediate);
  expect(saved).toEqual([[1], [2, 3]]);
  finish?.();
  await Promise.all(rest);
});

test('a save that fails fails for those who are in it, and for nobody else', async () => {
  let second: Promise<void> | undefined;
  const commit = createGroupCommit<number>((items) => {
    if (!items.includes(1)) return Promise.resolve();
    second = commit(2);
    return Promise.reject(new Error('no'));
  });
  await expect(commit(1)).rejects.toThrow('no');
  await expect(second).resolves.toBeUndefined();
});

import { createLoaders } from './loaders.js';

const calls: (readonly string[])[] = [];
const batch = (keys: readonly string[]) => {
  calls.push(keys);
  return Promise.resolve(keys.map((key) => key.toUpperCase()));
};
beforeEach(() => void calls.splice(0));

test('keys asked for in one tick are loaded together, and once', async () => {
  const loaders = createLoaders();
  expect(await Promise.all(['a', 'b', 'a'].map((key) => loaders.load(batch, key)))).toEqual(['A', 'B', 'A']);
  await loaders.load(batch, 'a');
  expect(calls).toEqual([['a', 'b']]);
});

test('without a cache each event of a subscription reads anew, still together', async () => {
  const loaders = createLoaders({ cache: false });
  await Promise.all([loaders.load(batch, 'a'), loaders.load(batch, 'b')]);
  await loaders.load(batch, 'a');
  expect(calls).toEqual([['a', 'b'], ['a']]);
});

test('keys that are objects are compared by what is in them', async () => {
  const seen: number[] = [];
  const pages = (keys: readonly { readonly first: number }[]) => {
    seen.push(keys.length);
    return Promise.resolve(keys.map(({ first }) => first));
  };
  const loaders = createLoaders();
  await Promise.all([
    loaders.load(pages, { first: 1 }),
    loaders.load(pages, { first: 1 }),
    loaders.load(pages, { first: 2 }),
  ]);
  expect(seen).toEqual([2]);
});

import { MEMORY_MS, createMemory } from './memory.js';
import { createUserAccess, readUserAccess } from './user-access.js';

const grants = (version: number) => ({ permissions: ['x'], expiries: {}, rules: [], version });

function at<Result>(time: number, look: () => Result): Result {
  const now = Date.now;
  Date.now = () => time;
  try {
    return look();
  } finally {
    Date.now = now;
  }
}

test('what was announced is remembered for as long as a token may say otherwise, and then takes no memory', () => {
  const start = Date.now();
  const memory = createMemory<number>();
  at(start, () => {
    for (let index = 0; index < 10_000; index += 1) memory.set(`user-${index}`, index);
  });
  at(start + MEMORY_MS - 1, () => expect(memory.get('user-5')).toBe(5));
  at(start + MEMORY_MS, () => {
    expect(memory.get('user-5')).toBeUndefined();
    memory.set('another', 1);
    expect(memory.size).toBe(1);
  });
});

test('the higher version stays, in whatever order they come', () => {
  const users = createUserAccess();
  const heard: string[] = [];
  users.onAnyChanged((userId) => heard.push(userId));
  users.change('u', grants(2));
  users.change('u', grants(1));
  users.change('u', grants(2));
  expect(users.latest('u')?.version).toBe(2);
  expect(heard).toEqual(['u']);
});

test('who stopped listening is not called, and leaves nothing behind', () => {
  const users = createUserAccess();
  let calls = 0;
  const stop = [users.onChanged('u', () => (calls += 1)), users.onChanged('u', () => (calls += 1))];
  users.bar('u');
  expect(calls).toBe(2);
  for (const one of stop) one();
  users.unbar('u');
  expect(calls).toBe(2);
});

test('an event that cannot be understood is said to be so, others are none of its business', () => {
  const users = createUserAccess();
  const reader = readUserAccess(users);
  const take = (type: string, data: unknown) => reader.take({ id: 'e', type: `dev.orion.${type}.v1`, data });
  expect(take('role.revoked', { userId: 'u', permissions: 'all', version: 2 })).toBe(false);
  expect(take('role.revoked', { userId: 'u', permissions: [] })).toBe(false);
  expect(take('user.suspended', {})).toBe(false);
  expect(take('user.created', {})).toBe(true);
  expect(users.latest('u')).toBeUndefined();
  expect(take('permissions.changed', { userId: 'u', permissions: [], version: 2, more: 'later' })).toBe(true);
  expect(users.latest('u')).toEqual({ permissions: [], expiries: {}, rules: [], version: 2 });
});

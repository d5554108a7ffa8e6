import { createUserAccess } from '../user-access.js';
import { createApiKeys } from './api-keys.js';
import type { ApiKeyIdentity } from './api-key-lookup.js';

const origin = { viewer: null, requestId: 'r', clientIp: '192.0.2.1', userAgent: null };
const keyOf = (index: number) => `orion_${String(index).padStart(8, '0')}_${'a'.repeat(43)}`;
const identity: ApiKeyIdentity = { keyId: 'k', userId: 'u', permissions: [], expiresAt: null };

test('ID-32: any number of keys takes a bounded memory, and any number at one time bounded questions', async () => {
  const waiting: (() => void)[] = [];
  const keys = createApiKeys({
    lookUp: () => new Promise((resolve) => void waiting.push(() => resolve(null))),
    users: createUserAccess(),
    isAnnounced: true,
  });
  const flood = Array.from({ length: 2_000 }, (_, index) => keys.identify(keyOf(index), origin));
  const settled = Promise.allSettled(flood);
  expect(waiting).toHaveLength(500);
  for (const answer of waiting) answer();
  const reasons = (await settled).map((result) => (result.status === 'rejected' ? String(result.reason.name) : 'good'));
  expect(reasons.filter((reason) => reason === 'ApiKeyRefusedError')).toHaveLength(500);
  expect(reasons.filter((reason) => reason === 'ApiKeysUnavailableError')).toHaveLength(1_500);
});

test('only the newest ten thousand answers are remembered', async () => {
  const asked: string[] = [];
  const keys = createApiKeys({
    lookUp: (key) => {
      asked.push(key);
      return Promise.resolve(identity);
    },
    users: createUserAccess(),
    isAnnounced: true,
  });
  const now = Date.now;
  const at = now();
  // The clock stands still: no answer is forgotten because it is old.
  Date.now = () => at;
  try {
    for (let index = 0; index <= 10_000; index += 1) await keys.identify(keyOf(index), origin);
    expect(asked).toHaveLength(10_001);
    await keys.identify(keyOf(10_000), origin);
    await keys.identify(keyOf(1), origin);
    expect(asked).toHaveLength(10_001);
    await keys.identify(keyOf(0), origin);
    expect(asked).toHaveLength(10_002);
  } finally {
    Date.now = now;
  }
});

test('an answer counts for the address that it was asked for', async () => {
  const asked: (string | null)[] = [];
  const keys = createApiKeys({
    lookUp: (_key, { clientIp }) => {
      asked.push(clientIp);
      return Promise.resolve(clientIp === '192.0.2.1' ? identity : null);
    },
    users: createUserAccess(),
    isAnnounced: true,
  });
  await keys.identify(keyOf(1), origin);
  await expect(keys.identify(keyOf(1), { ...origin, clientIp: '192.0.2.2' })).rejects.toMatchObject({
    name: 'ApiKeyRefusedError',
  });
  expect(asked).toEqual(['192.0.2.1', '192.0.2.2']);
});

test.each([
  [true, 5_000],
  [false, 1_000],
])('when changes are announced (%s) a good answer holds for %i ms', async (isAnnounced, ms) => {
  let asked = 0;
  const keys = createApiKeys({
    lookUp: () => {
      asked += 1;
      return Promise.resolve(identity);
    },
    users: createUserAccess(),
    isAnnounced,
  });
  const now = Date.now;
  const start = now();
  try {
    Date.now = () => start;
    await keys.identify(keyOf(1), origin);
    Date.now = () => start + ms - 1;
    await keys.identify(keyOf(1), origin);
    expect(asked).toBe(1);
    Date.now = () => start + ms;
    await keys.identify(keyOf(1), origin);
    expect(asked).toBe(2);
  } finally {
    Date.now = now;
  }
});

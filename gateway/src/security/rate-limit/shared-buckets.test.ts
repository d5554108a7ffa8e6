import { eventually } from '@orion/platform/testing';
import { recordingLogger } from '../../testing/test-gateway.js';
import { hasRedis, startTestRedis } from '../../testing/test-redis.js';
import type { TestRedis } from '../../testing/test-redis.js';
import { createSharedBuckets } from './shared-buckets.js';

const withRedis = hasRedis() ? describe : describe.skip;

withRedis('buckets in Redis (needs redis-server on the PATH)', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis.kill());

  test('are shared, counted by one clock, and forgotten when they are full', async () => {
    const { logger, lines } = recordingLogger();
    const one = createSharedBuckets({ redisUrl: redis.url, logger });
    const other = createSharedBuckets({ redisUrl: redis.url, logger });
    try {
      await untilShared(one);
      await untilShared(other);
      expect(await one.take('shared', 3)).toMatchObject({ isAllowed: true, remaining: 2 });
      expect(await other.take('shared', 3)).toMatchObject({ isAllowed: true, remaining: 1 });
      expect(await one.take('shared', 3)).toMatchObject({ isAllowed: true, remaining: 0 });
      const refused = await other.take('shared', 3);
      expect(refused).toMatchObject({ isAllowed: false, remaining: 0 });
      expect(refused.retryMs).toBeGreaterThan(15_000);
      expect(refused.retryMs).toBeLessThanOrEqual(20_000);
      // Of 60,000 a minute one is back after a millisecond.
      expect(await one.take('quick', 60_000)).toMatchObject({ isAllowed: true, remaining: 59_999 });
      await eventually(async () => (await other.take('quick', 60_000)).resetMs <= 2);
      expect(lines).toEqual([]);
    } finally {
      await one.close();
      await other.close();
    }
  });

  test('do not wait for a Redis that hangs, and are shared again when it goes on', async () => {
    const { logger, lines } = recordingLogger();
    const own = await startTestRedis();
    const buckets = createSharedBuckets({ redisUrl: own.url, logger });
    try {
      await untilShared(buckets);
      own.freeze();
      const startedAt = performance.now();
      for (let index = 0; index < 200; index += 1) expect((await buckets.take('hangs', 1_000)).isAllowed).toBe(true);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect(lines.length).toBe(1);
      own.thaw();
      await eventually(async () => {
        await buckets.take('probe', 1_000_000);
        return lines.length === 2;
      });
      expect(lines.map((line) => /Redis is (away|back)/.exec(line)?.[1])).toEqual(['away', 'back']);
    } finally {
      own.thaw();
      await buckets.close();
      await own.kill();
    }
  }, 30_000);

  test('are counted in memory while Redis is away, and shared again when it is back, each told once', async () => {
    const { logger, lines } = recordingLogger();
    const own = await startTestRedis();
    const buckets = createSharedBuckets({ redisUrl: own.url, logger });
    try {
      await untilShared(buckets);
      await own.kill();
      await eventually(async () => {
        await buckets.take('probe', 1_000_000);
        return lines.length === 1;
      });
      expect(lines[0]).toContain('Redis is away');
      expect(await buckets.take('alone', 2)).toMatchObject({ isAllowed: true, remaining: 1 });
      expect(await buckets.take('alone', 2)).toMatchObject({ isAllowed: true, remaining: 0 });
      expect(await buckets.take('alone', 2)).toMatchObject({ isAllowed: false });
      expect(lines.length).toBe(1);
      await own.restart();
      await eventually(() => Promise.resolve(lines.length === 2));
      expect(lines[1]).toContain('Redis is back');
      await untilShared(buckets);
      expect(await buckets.take('alone', 2)).toMatchObject({ isAllowed: true, remaining: 1 });
      expect(lines.length).toBe(2);
    } finally {
      await buckets.close();
      await own.kill();
    }
  }, 30_000);
});

test('a Redis that was never there is told once, and costs no request its time', async () => {
  const { logger, lines } = recordingLogger();
  const buckets = createSharedBuckets({ redisUrl: 'redis://127.0.0.1:9', logger });
  try {
    await eventually(() => Promise.resolve(lines.length === 1));
    const startedAt = performance.now();
    for (let index = 0; index < 1_000; index += 1) expect(buckets.take('a', 2)).not.toBeInstanceOf(Promise);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(await buckets.take('a', 2)).toMatchObject({ isAllowed: false });
    expect(lines.length).toBe(1);
  } finally {
    await buckets.close();
  }
});

async function untilShared(buckets: ReturnType<typeof createSharedBuckets>): Promise<void> {
  await eventually(() => Promise.resolve(buckets.take('until-shared', 1_000_000) instanceof Promise));
}

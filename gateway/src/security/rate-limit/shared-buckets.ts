import type { Logger } from '@orion/platform/log';
import type { Redis } from 'ioredis';
import { createBuckets, taken, WINDOW_MS } from './bucket.js';
import type { Buckets, Taken } from './bucket.js';

/** Buckets that several gateways share. */
export interface SharedBuckets {
  take(key: string, perMinute: number): Taken | Promise<Taken>;
  close(): Promise<void>;
}

/** Redis is next door: what has not answered by then is not going to. */
const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
/** A stop waits no longer for a connection to end. */
const DISCONNECT_TIMEOUT_MS = 100;
/** After a failure the next requests do not wait for the same. */
const PAUSE_MS = 1_000;
const LONGEST_RETRY_MS = 2_000;
const PREFIX = 'orion:rate:';

/** The same as in memory, as one atomic step by Redis' own clock. Answers whether, and the milliseconds until full. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local current = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now)
local after = current + ARGV[1]
if after - now > tonumber(ARGV[2]) then return {0, math.ceil(current - now)} end
redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.max(1, math.ceil(after - now)))
return {1, math.ceil(after - now)}
`;

type Command = (key: string, intervalMs: number, windowMs: number) => Promise<[number, number]>;

/**
 * Buckets in Redis; in memory while Redis is away, which is told once, as is its return. Counting goes on then for each
 * gateway by itself: a limit that is too wide for a while is better than no service, and than no limit.
 */
export function createSharedBuckets({
  redisUrl,
  logger,
}: {
  readonly redisUrl: string;
  readonly logger: Logger;
}): SharedBuckets {
  const alone: Buckets = createBuckets();
  let isAway = false;
  let isClosed = false;
  let pausedUntil = 0;
  let command: Command | undefined;
  let client: Redis | undefined;

  const onAway = (error: unknown): void => {
    pausedUntil = Date.now() + PAUSE_MS;
    if (isAway || isClosed) return;
    isAway = true;
    logger.warn({ err: error }, 'Redis is away: each gateway counts its rate limits by itself until it is back');
  };
  const onBack = (): void => {
    pausedUntil = 0;
    if (!isAway) return;
    isAway = false;
    logger.warn('Redis is back: rate limits are shared again');
  };

  const connecting = connect(redisUrl)
    .then(async (connected) => {
      if (isClosed) return connected.client.disconnect();
      ({ client, command } = connected);
      client.on('error', onAway).on('close', onAway).on('ready', onBack);
      // A refusal is told by the event, and tried again by itself.
      await client.connect().catch(onAway);
    })
    .catch(onAway);

  const takeShared = async (take: Command, key: string, perMinute: number): Promise<Taken> => {
    try {
      const [allowed, usedMs] = await take(PREFIX + key, WINDOW_MS / perMinute, WINDOW_MS);
      if (isAway) onBack();
      return taken({ isAllowed: allowed === 1, usedMs, perMinute });
    } catch (error) {
      onAway(error);
      return alone.take(key, perMinute);
    }
  };

  return {
    take: (key, perMinute) => {
      if (command === undefined || client?.status !== 'ready' || Date.now() < pausedUntil)
        return alone.take(key, perMinute);
      return takeShared(command, key, perMinute);
    },
    close: async () => {
      isClosed = true;
      client?.disconnect();
      await connecting;
    },
  };
}

/** Loaded when it is needed: a gateway that shares nothing never pays for it. */
async function connect(redisUrl: string): Promise<{ readonly client: Redis; readonly command: Command }> {
  const { Redis } = await import('ioredis');
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    // Nothing waits for a connection: while there is none the limits are counted in memory.
    enableOfflineQueue: false,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, LONGEST_RETRY_MS),
  });
  client.defineCommand('orionTake', { numberOfKeys: 1, lua: TAKE });
  const command = (Reflect.get(client, 'orionTake') as Command).bind(client);
  return { client, command };
}

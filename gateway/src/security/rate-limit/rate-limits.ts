import type { Viewer } from '@orion/platform/identity';
import type { Logger } from '@orion/platform/log';
import { Refusal } from '../../http/refusal.js';
import type { Caller } from '../caller.js';
import { networkOf } from '@orion/platform/address';
import { createBuckets } from './bucket.js';
import type { Taken } from './bucket.js';
import { createSharedBuckets } from './shared-buckets.js';

/** How many operations are served in a minute; 0 for any number. */
export interface RateLimitSettings {
  /** Of one client address, whoever asks from there. */
  readonly perIp: number;
  /** Of one signed-in user, and of one API key, wherever from. */
  readonly perIdentity: number;
  /** Shares the counts with other gateways; without it each counts by itself. */
  readonly redisUrl?: string | undefined;
}

export type RateLimitPolicy = 'ip' | 'identity';

/** What a limit says to one more operation. */
export interface RateVerdict {
  readonly policy: RateLimitPolicy;
  readonly limit: number;
  readonly taken: Taken;
}

/** Counts operations. No promise as long as nothing is shared. */
export interface RateLimits {
  /** Undefined where no limit applies. */
  countClient(caller: Caller): RateVerdict | undefined | Promise<RateVerdict | undefined>;
  countIdentity(caller: Caller): RateVerdict | undefined | Promise<RateVerdict | undefined>;
  /** Both at once, for an operation that comes without a request of its own. Undefined lets it pass. */
  admit(caller: Caller): Refusal | undefined | Promise<Refusal | undefined>;
  close(): Promise<void>;
}

export function createRateLimits(settings: RateLimitSettings, logger: Logger): RateLimits {
  const { perIp, perIdentity, redisUrl } = settings;
  const isOn = perIp > 0 || perIdentity > 0;
  const buckets =
    redisUrl === undefined || !isOn
      ? { ...createBuckets(), close: () => Promise.resolve() }
      : createSharedBuckets({ redisUrl, logger });

  const count = (policy: RateLimitPolicy, subject: string, limit: number): RateVerdict | Promise<RateVerdict> => {
    const result = buckets.take(`${policy}:${subject}`, limit);
    return 'isAllowed' in result
      ? { policy, limit, taken: result }
      : result.then((taken) => ({ policy, limit, taken }));
  };
  const countClient: RateLimits['countClient'] = ({ origin }) =>
    perIp === 0 ? undefined : count('ip', networkOf(origin.clientIp ?? ''), perIp);
  const countIdentity: RateLimits['countIdentity'] = ({ origin }) =>
    perIdentity === 0 || origin.viewer === null ? undefined : count('identity', subjectOf(origin.viewer), perIdentity);

  return {
    countClient,
    countIdentity,
    admit: (caller) => {
      const client = countClient(caller);
      const identity = countIdentity(caller);
      if (client instanceof Promise || identity instanceof Promise) {
        return Promise.all([client, identity]).then((verdicts) => firstRefusal(verdicts));
      }
      return firstRefusal([client, identity]);
    },
    close: () => buckets.close(),
  };
}

/** A key has a limit of its own: a program that runs wild does not lock its owner out. */
function subjectOf({ kind, userId, sessionId }: Viewer): string {
  return kind === 'api-key' ? `key:${sessionId}` : userId;
}

function firstRefusal(verdicts: readonly (RateVerdict | undefined)[]): Refusal | undefined {
  const refused = verdicts.find((verdict) => verdict?.taken.isAllowed === false);
  return refused === undefined ? undefined : refusalOf(refused);
}

const OF: Readonly<Record<RateLimitPolicy, string>> = { ip: 'from this address', identity: 'by this user or key' };

/** RFC 6585, section 4. */
export function refusalOf(verdict: RateVerdict): Refusal {
  const seconds = Math.ceil(verdict.taken.retryMs / 1000);
  return new Refusal({
    status: 429,
    code: 'RATE_LIMITED',
    message: `More than ${verdict.limit} operations a minute ${OF[verdict.policy]}. Try again in ${seconds} s.`,
    headers: { 'retry-after': String(seconds) },
  });
}

import { hash } from 'node:crypto';
import type { RequestOrigin } from '@orion/platform/identity';
import type { Identity } from '../caller.js';
import type { UserAccess } from '../user-access.js';
import { ApiKeyRefusedError, ApiKeysUnavailableError } from './api-key-errors.js';
import type { ApiKeyIdentity, LookUpApiKey } from './api-key-lookup.js';

/** Tells who an API key is about. */
export interface ApiKeys {
  /** Throws {@link ApiKeyRefusedError} or {@link ApiKeysUnavailableError}. */
  identify(key: string, origin: RequestOrigin): Promise<Identity>;
  close(): void;
}

/** Every credential that begins so is an API key, a good one or not; no JWT does. */
const PREFIX = 'orion_';
const FORM = /^orion_[0-9A-Za-z]{8}_[\w-]{43}$/;

/** So long a good answer holds when revocations are announced; when they are not, it is the delay of a revocation. */
const GOOD_MS = { announced: 5_000, silent: 1_000 };
/** Keys are not guessed; a program with an old one asks again and again. */
const BAD_MS = 2_000;
const MOST_ANSWERS = 10_000;
const MOST_LOOKUPS = 500;

interface Answer {
  readonly identity: ApiKeyIdentity | null;
  readonly until: number;
}

export function isApiKey(credential: string): boolean {
  return credential.startsWith(PREFIX);
}

/**
 * Looks keys up and remembers the answers for some seconds, by the hash of the key: this memory is no list of secrets.
 * A key with restricted addresses is good for some clients only, so an answer counts for the address it was asked for.
 */
export function createApiKeys({
  lookUp,
  users,
  isAnnounced,
}: {
  readonly lookUp: LookUpApiKey;
  readonly users: UserAccess;
  /** Whether revocations and changes come from the event bus. */
  readonly isAnnounced: boolean;
}): ApiKeys {
  const answers = new Map<string, Answer>();
  const lookups = new Map<string, Promise<ApiKeyIdentity | null>>();
  /** What is asked for when it rises may be answered with what was true before. */
  let changes = 0;
  const stopListening = users.onAnyChanged((userId) => {
    changes += 1;
    for (const [id, { identity }] of answers) if (identity?.userId === userId) answers.delete(id);
  });

  const remember = (id: string, identity: ApiKeyIdentity | null): void => {
    const oldest = answers.keys().next();
    if (answers.size >= MOST_ANSWERS && oldest.done !== true) answers.delete(oldest.value);
    answers.delete(id);
    const ms = identity === null ? BAD_MS : isAnnounced ? GOOD_MS.announced : GOOD_MS.silent;
    answers.set(id, { identity, until: Date.now() + ms });
  };
  const ask = async (id: string, key: string, origin: RequestOrigin): Promise<ApiKeyIdentity | null> => {
    const before = changes;
    const identity = await lookUp(key, origin);
    if (changes === before) remember(id, identity);
    return identity;
  };
  const find = (key: string, origin: RequestOrigin): Promise<ApiKeyIdentity | null> => {
    const id = hash('sha256', `${origin.clientIp ?? ''} ${key}`, 'base64url');
    const answer = answers.get(id);
    if (answer !== undefined && answer.until > Date.now()) return Promise.resolve(answer.identity);
    const underWay = lookups.get(id);
    if (underWay !== undefined) return underWay;
    if (lookups.size >= MOST_LOOKUPS) {
      return Promise.reject(
        new ApiKeysUnavailableError('Too many API keys are looked up right now. Try again shortly.'),
      );
    }
    const lookup = ask(id, key, origin).finally(() => lookups.delete(id));
    lookups.set(id, lookup);
    return lookup;
  };

  return {
    identify: async (key, origin) => {
      const identity = FORM.test(key) ? await find(key, origin) : null;
      const isOver = identity?.expiresAt != null && identity.expiresAt <= Date.now();
      if (identity === null || isOver) throw new ApiKeyRefusedError('The API key is not accepted.');
      return asIdentity(identity);
    },
    close: stopListening,
  };
}

function asIdentity({ keyId, userId, permissions, expiresAt }: ApiKeyIdentity): Identity {
  return {
    viewer: {
      kind: 'api-key',
      userId,
      sessionId: keyId,
      impersonatorId: null,
      permissions,
      methods: [],
      authenticatedAt: 0,
    },
    expiresAt,
    scopes: [],
    policies: [],
    grants: null,
  };
}

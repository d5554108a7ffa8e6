import { CONTEXT_HEADER, signContext } from '@orion/platform/identity';
import type { RequestOrigin } from '@orion/platform/identity';
import { z } from 'zod';
import { ApiKeysUnavailableError } from './api-key-errors.js';

/** Where API keys are looked up. */
export interface ApiKeySource {
  /** URL of the subgraph that answers `apiKeyIdentity`. */
  readonly url: string;
  /** Its name, for which the signed context is made out. */
  readonly subgraph: string;
  readonly contextSecret: string;
}

/** Whose key it is and what it may do at this moment. */
export interface ApiKeyIdentity {
  readonly keyId: string;
  readonly userId: string;
  readonly permissions: readonly string[];
  /** Milliseconds since the epoch; null when it does not end. */
  readonly expiresAt: number | null;
}

/** Null for a key that is not good; rejects with {@link ApiKeysUnavailableError} when nobody can tell. */
export type LookUpApiKey = (key: string, origin: RequestOrigin) => Promise<ApiKeyIdentity | null>;

const TIMEOUT_MS = 3_000;
const LONGEST_ANSWER_BYTES = 256 * 1024;
const QUERY =
  'query ($key: String!, $ip: String) { apiKeyIdentity(key: $key, ip: $ip) { keyId userId permissions expiresAt } }';

const answerSchema = z.object({
  errors: z.array(z.unknown()).max(0).optional(),
  data: z.object({
    apiKeyIdentity: z
      .object({
        keyId: z.string().min(1),
        userId: z.string().min(1),
        permissions: z.array(z.string()),
        expiresAt: z.coerce.date().nullable(),
      })
      .nullable(),
  }),
});

/** Asks the subgraph that owns the keys, as the gateway asks any subgraph: with a signed context, for nobody. */
export function createApiKeyLookup({ url, subgraph, contextSecret }: ApiKeySource): LookUpApiKey {
  return async (key, { requestId, clientIp, userAgent }) => {
    const body = JSON.stringify({ query: QUERY, variables: { key, ip: clientIp } });
    const origin = { viewer: null, requestId, clientIp, userAgent };
    try {
      const context = await signContext(origin, { secret: contextSecret, audience: subgraph, body });
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': requestId, [CONTEXT_HEADER]: context },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await readText(response);
      if (response.status !== 200) throw new Error(`the subgraph ${subgraph} answered ${response.status}`);
      const { apiKeyIdentity } = answerSchema.parse(JSON.parse(text)).data;
      return apiKeyIdentity && { ...apiKeyIdentity, expiresAt: apiKeyIdentity.expiresAt?.getTime() ?? null };
    } catch (error) {
      throw new ApiKeysUnavailableError('API keys cannot be looked up right now. Try again shortly.', { cause: error });
    }
  };
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > LONGEST_ANSWER_BYTES) throw new Error('the answer is too long');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

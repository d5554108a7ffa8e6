import { generateRandomCodeVerifier, generateRandomNonce } from 'oauth4webapi';
import type { Sealer } from '@orion/platform/sealing';
import type { EntityManager } from 'typeorm';
import { hashToken, randomToken } from '../one-time-token/one-time-token.service.js';
import type { Visit } from './identity-source.js';
import { OAuthState } from './oauth-state.entity.js';
import type { OAuthIntent, OAuthProvider } from './oauth.types.js';

const VERIFIER_SEAL = 'oauth-verifier';
/** How long somebody may take at the provider. */
const VISIT_SECONDS = 600;

/** Who links an identity, and in which session. */
export interface Linker {
  readonly userId: string;
  readonly sessionId: string;
}

/** A visit that came back to the browser it began in. */
export interface ReturnedVisit extends Visit {
  readonly provider: OAuthProvider;
  readonly intent: OAuthIntent;
  readonly userId: string | null;
}

/** Remembers a visit until it comes back. `kept` is what the browser keeps: the state and a secret that goes nowhere. */
export async function rememberVisit(
  manager: EntityManager,
  {
    provider,
    intent,
    redirectUri,
    linker,
    sealer,
  }: {
    readonly provider: OAuthProvider;
    readonly intent: OAuthIntent;
    readonly redirectUri: string;
    readonly linker: Linker | null;
    readonly sealer: Sealer;
  },
): Promise<{ readonly visit: Visit; readonly kept: string }> {
  const [state, binding] = [randomToken(), randomToken()];
  const visit = { redirectUri, state, verifier: generateRandomCodeVerifier(), nonce: generateRandomNonce() };
  await manager.insert(OAuthState, {
    hash: hashToken(state),
    provider,
    intent,
    userId: linker?.userId ?? null,
    sessionId: linker?.sessionId ?? null,
    redirectUri,
    bindingHash: hashToken(binding),
    verifierSealed: sealer.seal(visit.verifier, VERIFIER_SEAL),
    nonce: visit.nonce,
    expiresAt: new Date(Date.now() + VISIT_SECONDS * 1_000),
  });
  return { visit, kept: `${state}.${binding}` };
}

/**
 * Ends a visit. One conditional UPDATE: of many who come back with it one gets it, and nobody who lacks the secret of
 * the browser that began it. What links is good in the session that began it only.
 */
export async function endVisit(
  manager: EntityManager,
  { kept, linker, sealer }: { readonly kept: string; readonly linker: Linker | null; readonly sealer: Sealer },
): Promise<ReturnedVisit | null> {
  const [state = '', binding = ''] = kept.split('.');
  const { raw } = await manager
    .createQueryBuilder()
    .update(OAuthState)
    .set({ consumedAt: () => 'now()' })
    .where('hash = :hash AND binding_hash = :bindingHash AND consumed_at IS NULL AND expires_at > now()', {
      hash: hashToken(state),
      bindingHash: hashToken(binding),
    })
    .andWhere("(intent = 'LOGIN' OR (user_id = :userId AND session_id = :sessionId))", {
      userId: linker?.userId ?? null,
      sessionId: linker?.sessionId ?? null,
    })
    .returning(['provider', 'intent', 'userId', 'redirectUri', 'verifierSealed', 'nonce'])
    .execute();
  const [row] = raw as {
    provider: OAuthProvider;
    intent: OAuthIntent;
    user_id: string | null;
    redirect_uri: string;
    verifier_sealed: string;
    nonce: string;
  }[];
  return row === undefined
    ? null
    : {
        provider: row.provider,
        intent: row.intent,
        userId: row.user_id,
        redirectUri: row.redirect_uri,
        state,
        verifier: sealer.open(row.verifier_sealed, VERIFIER_SEAL),
        nonce: row.nonce,
      };
}

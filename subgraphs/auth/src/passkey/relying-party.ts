import type { AuthConfig } from '../config.js';

/** Whom passkeys are for (WebAuthn: relying party). */
export interface RelyingParty {
  /** The domain that they belong to. */
  readonly id: string;
  /** What authenticators show. */
  readonly name: string;
  /** Where they may be used: the pages that call navigator.credentials. */
  readonly origins: readonly string[];
}

export function relyingPartyOf({
  PUBLIC_URL,
  PASSKEY_RP_ID,
  PASSKEY_ORIGINS,
  MFA_ISSUER,
}: Pick<AuthConfig, 'PUBLIC_URL' | 'PASSKEY_RP_ID' | 'PASSKEY_ORIGINS' | 'MFA_ISSUER'>): RelyingParty {
  const { hostname, origin } = new URL(PUBLIC_URL);
  const party = { id: PASSKEY_RP_ID ?? hostname, name: MFA_ISSUER, origins: PASSKEY_ORIGINS ?? [origin] };
  const foreign = party.origins.find((page) => !isWithin(new URL(page).hostname, party.id));
  // A browser would refuse it, and only then.
  if (foreign !== undefined)
    throw new Error(`PASSKEY_ORIGINS: ${foreign} is not on ${party.id}, which PASSKEY_RP_ID or PUBLIC_URL names`);
  return party;
}

const isWithin = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

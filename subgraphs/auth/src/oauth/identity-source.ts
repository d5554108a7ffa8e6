/** Who somebody is, as a provider says. */
export interface ForeignIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  /** BCP 47, when the provider tells. */
  readonly locale: string | null;
}

/** What proves that an answer belongs to a visit. */
export interface Visit {
  readonly redirectUri: string;
  readonly state: string;
  /** PKCE (RFC 7636), method S256. */
  readonly verifier: string;
  readonly nonce: string;
}

/** A provider. Its methods throw {@link ProviderRefusedError} or ProviderUnreachableError. */
export interface IdentitySource {
  readonly name: string;
  authorizationUrl(visit: Visit): Promise<URL>;
  identify(visit: Visit, answer: { readonly code: string; readonly iss: string | null }): Promise<ForeignIdentity>;
}

/** The provider, or who speaks for it, did not prove anything. */
export class ProviderRefusedError extends Error {
  override readonly name = 'ProviderRefusedError';
}

/** The answer as it was in the address that the browser came back with. */
export function answerParameters(
  { state }: Visit,
  { code, iss }: { readonly code: string; readonly iss: string | null },
): URLSearchParams {
  return new URLSearchParams({ code, state, ...(iss !== null && { iss }) });
}

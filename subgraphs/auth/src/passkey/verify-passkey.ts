import type { AssertionResponse, RegistrationResponse } from './passkey-response.js';
import type { RelyingParty } from './relying-party.js';
import { webAuthn } from './webauthn-library.js';
import type { WebAuthnLibrary } from './webauthn-library.js';

/** EdDSA, ES256, RS256: what authenticators have. */
export const SUPPORTED_ALGORITHMS = [-8, -7, -257];

/** What an authenticator made. */
export interface NewCredential {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly backedUp: boolean;
}

/** What an authenticator proved. */
export interface Assertion {
  readonly counter: number;
  readonly backedUp: boolean;
}

/** Null unless it is an answer to this challenge, from one of our pages, for us, by somebody whom the authenticator checked. */
export async function verifyRegistration(
  party: RelyingParty,
  { response, challenge }: { readonly response: RegistrationResponse; readonly challenge: string },
): Promise<NewCredential | null> {
  const library = await webAuthn();
  try {
    if (!isWithoutCertificates(library, response)) return null;
    const { verified, registrationInfo } = await library.verifyRegistrationResponse({
      response: { ...response, response: { ...response.response } },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: SUPPORTED_ALGORITHMS,
    });
    if (!verified) return null;
    const { credential, credentialBackedUp } = registrationInfo;
    return {
      credentialId: Buffer.from(credential.id, 'base64url'),
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      backedUp: credentialBackedUp,
    };
  } catch {
    // It throws for whatever is wrong with the answer, and does nothing but look at it.
    return null;
  }
}

/** The same for a sign-in. What the counter says is for the caller to judge. */
export async function verifyAssertion(
  party: RelyingParty,
  {
    response,
    challenge,
    publicKey,
  }: { readonly response: AssertionResponse; readonly challenge: string; readonly publicKey: Buffer },
): Promise<Assertion | null> {
  const library = await webAuthn();
  try {
    const { verified, authenticationInfo } = await library.verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      // With 0 it never complains: a counter that went back is told from an answer that is wrong.
      credential: { id: response.id, publicKey: new Uint8Array(publicKey), counter: 0 },
      requireUserVerification: true,
    });
    if (!verified) return null;
    return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
  } catch {
    return null;
  }
}

/** Nobody asks for certificates of authenticators here; checking one would fetch what it names. */
function isWithoutCertificates(
  { decodeAttestationObject, isoBase64URL }: WebAuthnLibrary,
  { response }: RegistrationResponse,
): boolean {
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.attestationObject));
  const format = attestation.get('fmt');
  return format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
}

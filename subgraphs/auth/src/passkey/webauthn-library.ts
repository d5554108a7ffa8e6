import type * as server from '@simplewebauthn/server';
import type * as helpers from '@simplewebauthn/server/helpers';

/** The functions that passkeys are made of. */
export type WebAuthnLibrary = typeof server & Pick<typeof helpers, 'decodeAttestationObject' | 'isoBase64URL'>;

let library: Promise<WebAuthnLibrary> | undefined;

/** Loads it at the first use: that takes a third of a second of CPU, for which no start should wait. */
export function webAuthn(): Promise<WebAuthnLibrary> {
  library ??= load();
  return library;
}

async function load(): Promise<WebAuthnLibrary> {
  // One after the other: they share files.
  const functions = await import('@simplewebauthn/server');
  const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers');
  return { ...functions, decodeAttestationObject, isoBase64URL };
}

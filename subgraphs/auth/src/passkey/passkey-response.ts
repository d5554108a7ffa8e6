import { z } from 'zod';

const encoded = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[A-Za-z0-9_-]+$/);

const LONGEST_ID = 1_400;
const LONGEST_CLIENT_DATA = 4_096;
const LONGEST_ATTESTATION = 16_384;
const LONGEST_ASSERTION = 4_096;

const credential = { id: encoded(LONGEST_ID), rawId: encoded(LONGEST_ID), type: z.literal('public-key') };

/** What `navigator.credentials.create()` gives, as JSON. What is not named here is left out. */
export const registrationResponseSchema = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: encoded(LONGEST_CLIENT_DATA),
      attestationObject: encoded(LONGEST_ATTESTATION),
      transports: z.array(z.string().max(20)).max(10).default([]),
    }),
  })
  .transform((response) => ({ ...response, clientExtensionResults: {} }));
export type RegistrationResponse = z.output<typeof registrationResponseSchema>;

/** What `navigator.credentials.get()` gives, as JSON. */
export const assertionResponseSchema = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: encoded(LONGEST_CLIENT_DATA),
      authenticatorData: encoded(LONGEST_ASSERTION),
      signature: encoded(LONGEST_ASSERTION),
      // Authenticators that are not asked to name the owner may say null.
      userHandle: encoded(200).nullish(),
    }),
  })
  .transform(({ response: { userHandle, ...response }, ...rest }) => ({
    ...rest,
    response: { ...response, ...(userHandle == null ? {} : { userHandle }) },
    clientExtensionResults: {},
  }));
export type AssertionResponse = z.output<typeof assertionResponseSchema>;

const clientDataSchema = z.object({ challenge: encoded(200) });

/** The challenge that the client answered; null when what it sent is none of its kind. */
export function challengeOf(clientDataJSON: string): string | null {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    return clientDataSchema.parse(data).challenge;
  } catch {
    // No JSON, or other JSON: both are how clients send nonsense.
    return null;
  }
}

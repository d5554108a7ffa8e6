import { createSoftwareAuthenticator } from '@orion/platform/testing';
import fc from 'fast-check';
import { assertionResponseSchema, challengeOf, registrationResponseSchema } from './passkey-response.js';
import { verifyAssertion, verifyRegistration } from './verify-passkey.js';

const PARTY = { id: 'example.org', name: 'ORION', origins: ['https://example.org'] };
const key = createSoftwareAuthenticator({ origin: 'https://example.org' });
const challenge = Buffer.alloc(32, 7).toString('base64url');

test('whatever a client sends, it is read or not, and nothing throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json().map((text) => JSON.parse(text) as unknown),
        fc.anything(),
      ),
      (sent) => {
        registrationResponseSchema.safeParse(sent);
        assertionResponseSchema.safeParse(sent);
      },
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const read = challengeOf(Buffer.from(text).toString('base64url'));
      expect(read === null || typeof read === 'string').toBe(true);
    }),
  );
});

/** The same with some bytes of one part changed. */
const bent = (encoded: string, at: number, by: number): string => {
  const bytes = Buffer.from(encoded, 'base64url');
  const place = at % bytes.length;
  bytes.writeUInt8((bytes.readUInt8(place) + by) % 256, place);
  return bytes.toString('base64url');
};

test('ID-60: an answer of which one byte was changed proves nothing', async () => {
  const options = { challenge, rp: { id: 'example.org' }, rpId: 'example.org', user: { id: 'dXNlcg' } };
  const created = registrationResponseSchema.parse(key.create(options));
  const credential = await verifyRegistration(PARTY, { response: created, challenge });
  const publicKey = credential?.publicKey ?? Buffer.alloc(0);
  const response = assertionResponseSchema.parse(key.get(options));
  expect(await verifyAssertion(PARTY, { response, challenge, publicKey })).not.toBeNull();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('clientDataJSON', 'authenticatorData'),
      fc.nat(500),
      fc.integer({ min: 1, max: 255 }),
      async (part, at, by) => {
        const changed = {
          ...response,
          response: { ...response.response, [part]: bent(response.response[part], at, by) },
        };
        expect(await verifyAssertion(PARTY, { response: changed, challenge, publicKey })).toBeNull();
      },
    ),
    { numRuns: 200 },
  );
});

test('ID-60: a signature of which one byte was changed proves nothing', async () => {
  const options = { challenge, rp: { id: 'example.org' }, rpId: 'example.org', user: { id: 'dXNlcg' } };
  const credential = await verifyRegistration(PARTY, {
    response: registrationResponseSchema.parse(key.create(options)),
    challenge,
  });
  const publicKey = credential?.publicKey ?? Buffer.alloc(0);
  const response = assertionResponseSchema.parse(key.get(options));
  const { signature } = response.response;
  const bytes = Buffer.from(signature, 'base64url').length;
  await fc.assert(
    // The last 30 bytes are of the number s. Of what stands around the numbers (DER) some can be read in many ways.
    fc.asyncProperty(fc.nat(29), fc.integer({ min: 1, max: 255 }), async (fromEnd, by) => {
      const forged = { ...response.response, signature: bent(signature, bytes - 1 - fromEnd, by) };
      expect(
        await verifyAssertion(PARTY, { response: { ...response, response: forged }, challenge, publicKey }),
      ).toBeNull();
    }),
  );
});

test('ID-60: an attestation of which one byte was changed throws nothing, and never makes another domain ours', async () => {
  const options = { challenge, rp: { id: 'evil.example' }, user: { id: 'dXNlcg' } };
  const created = registrationResponseSchema.parse(key.create(options));
  await fc.assert(
    fc.asyncProperty(fc.nat(500), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const attestationObject = bent(created.response.attestationObject, at, by);
      const changed = { ...created, response: { ...created.response, attestationObject } };
      expect(await verifyRegistration(PARTY, { response: changed, challenge })).toBeNull();
    }),
    { numRuns: 200 },
  );
});

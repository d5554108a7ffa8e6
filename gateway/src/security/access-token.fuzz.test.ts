import fc from 'fast-check';
import { startTestIssuer } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';
import { createTokenVerifier } from './access-token.js';
import type { VerifyToken } from './access-token.js';

let issuer: TestIssuer;
let verify: VerifyToken;
beforeAll(async () => {
  issuer = await startTestIssuer();
  verify = createTokenVerifier(issuer.rules);
});
afterAll(() => issuer.stop());

const REFUSED = { name: 'TokenRefusedError' };

test('no text is a token, and nothing else is thrown than that it is none', () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), jwsShapes()), async (text) => {
      await expect(verify(text)).rejects.toMatchObject(REFUSED);
    }),
    { numRuns: 500 },
  ));

test('no character of a good token can be another', async () => {
  const token = await issuer.token();
  // The last one holds bits that no decoder looks at.
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: token.length - 2 }), fc.string({ maxLength: 3 }), async (place, replacement) => {
      fc.pre(replacement !== token[place]);
      const changed = token.slice(0, place) + replacement + token.slice(place + 1);
      await expect(verify(changed)).rejects.toMatchObject(REFUSED);
    }),
    { numRuns: 500 },
  );
});

test('whatever the issuer claims, a token is refused or read as what it says', () =>
  fc.assert(
    fc.asyncProperty(fc.dictionary(claimNames(), fc.jsonValue({ maxDepth: 2 })), async (claims) => {
      const token = await issuer.token({ claims });
      const verified = await verify(token).catch((error: unknown) => error);
      if (verified instanceof Error) return expect(verified).toMatchObject(REFUSED);
      const { sub, sid } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object & {
        readonly sub: string;
        readonly sid: string;
      };
      expect(verified).toMatchObject({ viewer: { userId: sub, sessionId: sid } });
    }),
    { numRuns: 300 },
  ));

function claimNames(): fc.Arbitrary<string> {
  const names = ['sub', 'sid', 'amr', 'auth_time', 'permissions', 'scope', 'policies', 'pv', 'pexp', 'prules', 'act'];
  return fc.constantFrom(...names, '__proto__', 'constructor');
}

/** Three parts, as a JWS has them, of any JSON. */
function jwsShapes(): fc.Arbitrary<string> {
  const header = fc.constantFrom(
    '{"alg":"none"}',
    '{"alg":"ES256","typ":"at+jwt","kid":"key-1"}',
    '{"alg":"HS256"}',
    '[]',
  );
  return fc
    .tuple(fc.oneof(header, fc.json()), fc.json(), fc.string())
    .map((parts) => parts.map((one) => Buffer.from(one).toString('base64url')).join('.'));
}

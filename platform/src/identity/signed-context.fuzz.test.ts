import fc from 'fast-check';
import { signContext, verifyContext } from './signed-context.js';

const binding = { secret: 'a secret that is long enough for HMAC-SHA-256', audience: 'user', body: '{}' };

const viewers = fc.record({
  kind: fc.constantFrom('session' as const, 'api-key' as const),
  userId: fc.string({ unit: 'grapheme' }),
  sessionId: fc.string(),
  impersonatorId: fc.option(fc.uuid()),
  permissions: fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 }),
  methods: fc.array(fc.string(), { maxLength: 5 }),
  authenticatedAt: fc.nat(),
});
const origins = fc.record({
  viewer: fc.option(viewers),
  requestId: fc.string({ unit: 'binary' }),
  clientIp: fc.option(fc.oneof(fc.ipV4(), fc.ipV6())),
  userAgent: fc.option(fc.string({ unit: 'grapheme', maxLength: 512 })),
});

test('whatever the gateway signs is read as it was, for any body', () =>
  fc.assert(
    fc.asyncProperty(origins, fc.string({ unit: 'binary' }), async (origin, body) => {
      const bound = { ...binding, body };
      await expect(verifyContext(await signContext(origin, bound), bound)).resolves.toEqual(origin);
    }),
    { numRuns: 300 },
  ));

test('no character of a statement can be another, be left out or come twice', async () => {
  const origin = { viewer: null, requestId: 'r', clientIp: null, userAgent: null };
  const token = await signContext(origin, binding);
  // The last one holds bits that no decoder looks at.
  const places = fc.nat({ max: token.length - 2 });
  const replacements = fc.oneof(fc.constant(''), fc.stringMatching(/^[\w-]{1,2}$/), fc.string());
  await fc.assert(
    fc.asyncProperty(places, replacements, async (place, replacement) => {
      fc.pre(replacement !== token[place]);
      const changed = token.slice(0, place) + replacement + token.slice(place + 1);
      await expect(verifyContext(changed, binding)).rejects.toMatchObject({ name: 'ContextRefusedError' });
    }),
    { numRuns: 500 },
  );
});

test('nothing else is a statement, and nothing else is thrown', () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), shapes()), async (text) => {
      await expect(verifyContext(text, binding)).rejects.toMatchObject({ name: 'ContextRefusedError' });
    }),
    { numRuns: 500 },
  ));

/** Three parts, as a JWS has them, of any JSON. */
function shapes(): fc.Arbitrary<string> {
  const part = fc.oneof(
    fc.json(),
    fc.constant('{"alg":"none"}'),
    fc.constant('{"alg":"HS256","typ":"orion-context+jwt"}'),
  );
  return fc
    .tuple(part, part, fc.string())
    .map((parts) => parts.map((one) => Buffer.from(one).toString('base64url')).join('.'));
}

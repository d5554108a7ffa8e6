import { SignJWT } from 'jose';
import { testViewer } from '../testing/test-viewer.js';
import { signContext, verifyContext } from './signed-context.js';

const secret = 'a secret that is long enough for HMAC-SHA-256';
const origin = {
  viewer: testViewer({ permissions: ['notification:send:any'], impersonatorId: 'a1' }),
  requestId: 'r1',
  clientIp: '192.0.2.1',
  userAgent: 'test',
};
const binding = { secret, audience: 'user', body: '{"query":"{ me { id } }"}' };

test('returns what the gateway signed', async () => {
  await expect(verifyContext(await signContext(origin, binding), binding)).resolves.toEqual(origin);
});

test('a correlation id is signed with it', async () => {
  const correlated = { ...origin, correlationId: 'checkout-7' };
  await expect(verifyContext(await signContext(correlated, binding), binding)).resolves.toEqual(correlated);
});

test.each([
  ['another body', { ...binding, body: '{"query":"{ users { nodes { email } } }"}' }, /another body/],
  ['another subgraph', { ...binding, audience: 'auth' }, /aud/],
  ['another key', { ...binding, secret: `${secret}!` }, /signature/],
])('ID-69: refuses a context signed for %s', async (_what, other, reason) => {
  await expect(verifyContext(await signContext(origin, binding), other)).rejects.toThrow(reason);
});

test('ID-69: refuses nothing, nonsense and an unsigned token', async () => {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'orion-context+jwt' })).toString('base64url');
  const payload = Buffer.from(JSON.stringify({ ...origin, iss: 'orion-gateway', aud: 'user' })).toString('base64url');
  for (const token of [undefined, '', 'nonsense', `${header}.${payload}.`]) {
    await expect(verifyContext(token, binding)).rejects.toMatchObject({ name: 'ContextRefusedError' });
  }
});

test('ID-69: refuses a context that is older than a minute, and one from the future', async () => {
  const at = (seconds: number) =>
    new SignJWT({ ...origin, bodyHash: 'x' })
      .setProtectedHeader({ alg: 'HS256', typ: 'orion-context+jwt' })
      .setIssuer('orion-gateway')
      .setAudience('user')
      .setIssuedAt(Math.floor(Date.now() / 1_000) + seconds)
      .setExpirationTime(Math.floor(Date.now() / 1_000) + 3_600)
      .sign(new TextEncoder().encode(secret));
  for (const seconds of [-90, 90]) {
    await expect(verifyContext(await at(seconds), binding)).rejects.toMatchObject({ name: 'ContextRefusedError' });
  }
});

import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createGraphClient, newcomer } from '../graph/index.js';
import type { SignedIn } from '../graph/index.js';

let platform: Platform;
let person: SignedIn;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  person = await newcomer(platform.url, { name: 'Erin' });
}, 60_000);
afterAll(() => platform?.stop());

async function post(
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string; code: unknown }> {
  const response = await fetch(platform.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await response.text();
  const answer = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] };
  return { status: response.status, text, code: answer.errors?.[0]?.extensions?.code };
}
const query = (document: string, variables: unknown = {}) => post(JSON.stringify({ query: document, variables }));

test.each([
  ['text that is not GraphQL', '{ me { id }', 'GRAPHQL_PARSE_FAILED', /Syntax Error/],
  ['a field that does not exist', '{ me { nonsense } }', 'GRAPHQL_VALIDATION_FAILED', /nonsense/],
  ['a variable that is not declared', '{ user(id: $id) { id } }', 'GRAPHQL_VALIDATION_FAILED', /\$id/],
])('%s is answered with what is wrong', async (_what, document, code, message) => {
  const answer = await query(document);
  expect(answer.code).toBe(code);
  expect(answer.text).toMatch(message);
});

test('a variable of the wrong type is answered with its name', async () => {
  const answer = await query('query ($first: Int) { users(first: $first) { nodes { id } } }', { first: 'many' });
  expect(answer.code).toBe('BAD_USER_INPUT');
  expect(answer.text).toContain('$first');
});

test('a body of two megabytes is refused without being read, and the gateway goes on', async () => {
  const answer = await query(`{ me { id } } #${'x'.repeat(2 * 1024 * 1024)}`);
  expect(answer.status).toBe(413);
  expect(answer.text).toMatch(/limit|larger|longer/);
  expect((await person.client.query('{ me { id } }')).data).toEqual({ me: { id: person.userId } });
});

test('a body that is not JSON and a content type that is not either are told apart', async () => {
  expect((await post('not json')).status).toBe(400);
  const asText = await fetch(platform.url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' });
  expect(asText.status).toBe(415);
});

test('every answer carries a request id that its errors repeat', async () => {
  const { headers, errors } = await createGraphClient(platform.url).query('{ me { id } }');
  expect(headers.get('x-request-id')).toBeTruthy();
  expect(errors[0]?.extensions['requestId']).toBe(headers.get('x-request-id'));
});

test('a token that was tampered with is refused, not taken for nobody', async () => {
  const [header, payload, signature = ''] = person.accessToken.split('.');
  const forged = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  const answer = await createGraphClient(platform.url, { token: forged }).query('{ __typename }');
  expect(answer.errors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
});

test.each(['auth', 'user', 'notification', 'analytics'])(
  'with %s killed the others still answer, the error names it, and it comes back without a restart of the gateway',
  async (victim) => {
    const fields: Record<string, string> = {
      auth: 'emailVerified',
      user: 'displayName',
      notification: 'notificationCounts { total }',
      analytics: 'activitySummary { logins }',
    };
    const document = `{ me { id ${Object.values(fields).join(' ')} } }`;
    const before = await person.client.query(document);
    expect(before.errors).toEqual([]);

    const killed = platform.kill(victim, 'SIGKILL');
    const during = await eventually(
      async () => {
        const answer = await person.client.query(document);
        return answer.errors.length > 0 && answer;
      },
      { every: 1 },
    );
    await killed;
    expect(JSON.stringify(during.errors)).toContain(victim);
    if (victim !== 'user') expect(during.data.me).toMatchObject({ id: person.userId, displayName: 'Erin' });

    await eventually(async () => (await person.client.query(document)).errors.length === 0);
    expect((await person.client.query(document)).data).toEqual(before.data);
  },
);

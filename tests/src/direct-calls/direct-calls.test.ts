import { signContext } from '@orion/platform/identity';
import { testViewer } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const SUBGRAPHS = ['auth', 'user', 'notification', 'analytics'] as const;

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
}, 60_000);
afterAll(() => platform?.stop());

const subgraphUrl = (name: string) => `http://127.0.0.1:${platform.ports[name]}/graphql`;

describe.each(SUBGRAPHS)('%s, called directly', (name) => {
  test.each([
    ['a reference', '{ _entities(representations: [{ __typename: "User", id: "1" }]) { __typename } }'],
    ['its schema', '{ _service { sdl } }'],
    ['introspection', '{ __schema { types { name } } }'],
    ['a trivial query', '{ __typename }'],
    ['nonsense', 'nonsense'],
  ])('ID-67: refuses %s', async (_what, query) => {
    const post = await fetch(subgraphUrl(name), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(post.status).toBe(401);
    expect(await post.json()).toEqual({
      errors: [{ message: 'This subgraph only answers its gateway.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
    const get = await fetch(`${subgraphUrl(name)}?query=${encodeURIComponent(query)}`);
    expect(get.status).toBe(401);
  });

  test('ID-68: refuses a context signed with another key or for another subgraph', async () => {
    const body = JSON.stringify({ query: '{ _service { sdl } }' });
    const origin = { viewer: null, requestId: 'r', clientIp: null, userAgent: null };
    const forged = await signContext(origin, { secret: 'x'.repeat(40), audience: name, body });
    for (const context of [forged, 'nonsense', '']) {
      const response = await fetch(subgraphUrl(name), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-orion-context': context },
        body,
      });
      expect(response.status).toBe(401);
    }
  });

  test('ID-67: closes a WebSocket that brings no context', async () => {
    const code = await new Promise<number>((resolve) => {
      const client = createClient({
        url: subgraphUrl(name).replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        on: { closed: (event) => resolve((event as { code: number }).code) },
      });
      client.subscribe(
        { query: 'subscription { __typename }' },
        { next: () => undefined, error: () => undefined, complete: () => undefined },
      );
    });
    expect(code).toBe(4403);
  });
});

test('ID-68: a context that a client sends through the gateway is stripped', async () => {
  const admin = testViewer({ userId: '00000000-0000-7000-8000-000000000001', permissions: ['user:list:any'] });
  const origin = { viewer: admin, requestId: 'r', clientIp: null, userAgent: null };
  for (const query of ['{ me { id } }', '{me{id}}']) {
    const body = JSON.stringify({ query });
    // Signed with the real key, for the very subgraph and body: what counts is that it does not get there.
    const context = await signContext(origin, { secret: platform.contextSecret, audience: 'user', body });
    const direct = await fetch(subgraphUrl('user'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-orion-context': context },
      body,
    });
    expect(await direct.json()).toEqual({ data: { me: { id: admin.userId } } });
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-orion-context': context, 'x-orion-user': 'admin' },
      body,
    });
    const answer = (await response.json()) as { data: unknown; errors: { extensions: { code: string } }[] };
    expect(answer.data).toEqual({ me: null });
    expect(answer.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  }
});

import { serverAudits } from 'graphql-http';
import { startFederatedGraph } from './harness/federated-graph.js';
import type { FederatedGraph } from './harness/federated-graph.js';

/** Audits send what a server must answer at once; one that hangs is a failure, not a wait. */
const AUDIT_MS = 10_000;

describe('GraphQL over HTTP, as graphql-http audits it', () => {
  let graph: FederatedGraph;
  beforeAll(async () => {
    graph = await startFederatedGraph({
      subgraphs: { greetings: 'type Query { greeting(name: String): String }' },
      data: () => ({
        rows: [],
        roots: { greeting: ({ name }: { readonly name?: string }) => `Hello ${name ?? 'you'}` },
      }),
    });
  });
  afterAll(() => graph.stop());

  const audits = serverAudits({
    url: () => graph.gateway.endpoint,
    fetchFn: (url: string, init: RequestInit) => fetch(url, { ...init, signal: AbortSignal.timeout(AUDIT_MS) }),
  });

  test('there are 61 of them', () => {
    expect(audits).toHaveLength(61);
  });

  test.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
    const result = await fn();
    expect('reason' in result ? result.reason : undefined).toBeUndefined();
    expect(result.status).toBe('ok');
  });
});

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@orion/platform/config';
import { connectClient } from '../../testing/test-client.js';
import { compose, startTestGateway } from '../../testing/test-gateway.js';
import type { TestGateway } from '../../testing/test-gateway.js';
import { startTestGraph } from '../../testing/test-graph.js';
import type { TestGraph } from '../../testing/test-graph.js';
import { createPersistedDocuments } from './persisted-documents.js';

const ME = '{ me { id } }';
const USER = 'query User($id: ID!) { user(id: $id) { name } }';
const NOTED = 'subscription { noted(topic: "p") { title } }';
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const persistedQuery = (text: string, version = 1) => ({ persistedQuery: { version, sha256Hash: hash(text) } });

let graph: TestGraph;
let directory: string;
let manifest: string;
let open: TestGateway;
let closed: TestGateway;

beforeAll(async () => {
  graph = await startTestGraph();
  directory = await mkdtemp(join(tmpdir(), 'orion-manifest-'));
  manifest = join(directory, 'manifest.json');
  await writeFile(manifest, JSON.stringify({ me: ME, [`sha256:${hash(USER)}`]: USER, noted: NOTED }));
  const supergraph = { sdl: await compose(graph.subgraphs) };
  open = await startTestGateway({ supergraph, persistedDocuments: { file: manifest } });
  closed = await startTestGateway({ supergraph, persistedDocuments: { file: manifest, only: true } });
});

afterAll(async () => {
  await Promise.all([open.stop(), closed.stop()]);
  await graph.stop();
  await rm(directory, { recursive: true });
});

interface Asked {
  readonly status: number;
  readonly cacheControl: string | null;
  readonly data: unknown;
  readonly code: unknown;
  readonly message: string | undefined;
}

async function post({ endpoint }: TestGateway, body: object): Promise<Asked> {
  return read(
    await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify(body),
    }),
  );
}

async function get({ endpoint }: TestGateway, parameters: Record<string, string>): Promise<Asked> {
  return read(await fetch(`${endpoint}?${String(new URLSearchParams(parameters))}`));
}

async function read(response: Response): Promise<Asked> {
  const { data, errors } = (await response.json()) as {
    readonly data?: unknown;
    readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: unknown } }[];
  };
  return {
    status: response.status,
    cacheControl: response.headers.get('cache-control'),
    data,
    code: errors?.[0]?.extensions.code,
    message: errors?.[0]?.message,
  };
}

test('a document that the gateway does not know yet is asked for, sent once, and named from then on', async () => {
  const query = '{ me { id name } }';
  const me = { me: { id: '1', name: 'Ada' } };
  const unknown = await post(open, { extensions: persistedQuery(query) });
  expect(unknown).toMatchObject({ status: 200, code: 'PERSISTED_QUERY_NOT_FOUND', message: 'PersistedQueryNotFound' });
  expect(unknown.cacheControl).toContain('no-cache');
  expect((await post(open, { query, extensions: persistedQuery(query) })).data).toEqual(me);
  expect((await post(open, { extensions: persistedQuery(query) })).data).toEqual(me);
  expect((await get(open, { extensions: JSON.stringify(persistedQuery(query)) })).data).toEqual(me);
  expect((await post(open, { documentId: `sha256:${hash(query)}` })).data).toEqual(me);
});

test('a hash of another text is refused, and nothing is registered under it', async () => {
  const innocent = '{ me { nickname } }';
  const refused = await post(open, { query: ME, extensions: persistedQuery(innocent) });
  expect(refused).toMatchObject({ status: 400, code: 'BAD_REQUEST', message: 'provided sha does not match query' });
  expect((await post(open, { extensions: persistedQuery(innocent) })).code).toBe('PERSISTED_QUERY_NOT_FOUND');
  for (const sha256Hash of ['__proto__', 'constructor', '', 7, null])
    expect((await post(open, { query: ME, extensions: { persistedQuery: { version: 1, sha256Hash } } })).status).toBe(
      400,
    );
});

test('another version of the protocol is told to be unsupported', async () => {
  expect((await post(open, { extensions: persistedQuery(NOTED.replace('p', 'q'), 2) })).code).toBe(
    'PERSISTED_QUERY_NOT_SUPPORTED',
  );
});

test.each<[string, object, unknown]>([
  ['`documentId`', { documentId: 'me' }, { me: { id: '1' } }],
  [
    'the hash with its name',
    { documentId: `sha256:${hash(USER)}`, variables: { id: '2' } },
    { user: { name: 'Grace' } },
  ],
  ['the hash alone', { documentId: hash(USER), variables: { id: '2' } }, { user: { name: 'Grace' } }],
  ["Apollo's extension", { extensions: persistedQuery(USER), variables: { id: '2' } }, { user: { name: 'Grace' } }],
])('a document of the manifest is named by %s', async (_what, body, data) => {
  expect(await post(open, body)).toMatchObject({ status: 200, data });
  expect(await post(closed, body)).toMatchObject({ status: 200, data });
});

test('by GET as well', async () => {
  expect((await get(closed, { documentId: 'me' })).data).toEqual({ me: { id: '1' } });
});

test('an unknown id is refused, as is an id with another text, or one that is no text', async () => {
  expect(await post(open, { documentId: 'constructor' })).toMatchObject({
    status: 400,
    code: 'PERSISTED_DOCUMENT_NOT_FOUND',
  });
  expect(await post(open, { documentId: 'me', query: USER })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  expect(await post(open, { documentId: 7 })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
});

test('with PERSISTED_DOCUMENTS_ONLY nothing else is executed, however it comes', async () => {
  const before = graph.accounts.requests.length;
  const attempts = [
    { query: '{ me { name } }' },
    { query: `${ME} ` },
    { query: '{ __schema { types { name } } }' },
    { documentId: 'other' },
    { documentId: 'other', query: '{ me { name } }' },
    { query: '{ me { name } }', extensions: persistedQuery('{ me { name } }') },
    { extensions: persistedQuery('{ me { name } }') },
    { extensions: persistedQuery('{ me { name } }', 2) },
  ];
  for (const body of attempts)
    expect(await post(closed, body)).toMatchObject({ status: 400, code: 'PERSISTED_DOCUMENT_REQUIRED' });
  expect((await get(closed, { query: '{ me { name } }' })).code).toBe('PERSISTED_DOCUMENT_REQUIRED');
  const client = connectClient(closed.socketUrl);
  await expect(client.ask('{ me { name } }')).rejects.toMatchObject([
    { extensions: { code: 'PERSISTED_DOCUMENT_REQUIRED' } },
  ]);
  await client.close();
  expect(graph.accounts.requests.length).toBe(before);
  expect((await post(closed, { query: ME })).data).toEqual({ me: { id: '1' } });
});

test('over a WebSocket the query is empty then', async () => {
  const client = connectClient(closed.socketUrl);
  const result = await new Promise((resolve, reject) => {
    const payload = { query: '', documentId: 'me' };
    client.client.subscribe(payload, { next: resolve, error: reject, complete: () => undefined });
  });
  expect(result).toMatchObject({ data: { me: { id: '1' } } });
  await client.close();
});

test("Apollo's manifest is read as well", async () => {
  const file = join(directory, 'apollo.json');
  await writeFile(
    file,
    JSON.stringify({
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ id: 'a1', name: 'Me', type: 'query', body: ME }],
    }),
  );
  const documents = createPersistedDocuments({ file, only: true, automatic: true });
  await documents.load();
  expect(documents.resolve({ documentId: 'a1' }).query).toBe(ME);
});

test.each([
  ['there is none', undefined],
  ['it is no JSON', 'query { me }'],
  ['it is a list', '[]'],
  ['a document is no text', '{"a": 1}'],
])('a start fails when of the manifest %s', async (_what, content) => {
  const file = join(directory, 'broken.json');
  await rm(file, { force: true });
  if (content !== undefined) await writeFile(file, content);
  await expect(createPersistedDocuments({ file, only: false, automatic: true }).load()).rejects.toThrow(ConfigError);
});

test('what clients register is bounded, the documents used last stay', () => {
  const documents = createPersistedDocuments({ only: false, automatic: true });
  const text = (index: number): string => `{ a${index} } #${'x'.repeat(1_000_000)}`;
  const register = (index: number) =>
    documents.resolve({ query: text(index), extensions: persistedQuery(text(index)) });
  for (let index = 0; index < 20; index += 1) register(index);
  expect(documents.resolve({ extensions: persistedQuery(text(19)) }).query).toBe(text(19));
  expect(() => documents.resolve({ extensions: persistedQuery(text(0)) })).toThrow('PersistedQueryNotFound');
});

import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { OperationRequest } from '../../http/exchange.js';
import { Refusal } from '../../http/refusal.js';
import { readManifest } from './read-manifest.js';

export interface PersistedDocumentSettings {
  /** Manifest of documents that clients may name by id. */
  readonly file?: string | undefined;
  /** Nothing is executed that is not in the manifest. */
  readonly only: boolean;
  /** Clients may register documents by their hash while they use them: Apollo's automatic persisted queries. */
  readonly automatic: boolean;
}

/** Turns what names a document into what has its text. */
export interface PersistedDocuments {
  /** Reads the manifest. Rejects with ConfigError when it is none. */
  load(): Promise<void>;
  /** The request with its `query`. Throws {@link Refusal} for a document that is not known, or is not allowed. */
  resolve(request: OperationRequest): OperationRequest;
}

/** A thousand large documents, or ten thousand usual ones. */
const AUTOMATIC_BYTES = 32 * 1024 * 1024;
const ENTRY_BYTES = 200;
const SHA256 = /^[0-9a-f]{64}$/;
const PREFIX = 'sha256:';

export function createPersistedDocuments(settings: PersistedDocumentSettings): PersistedDocuments {
  const isAutomatic = settings.automatic && !settings.only;
  let listed: ReadonlyMap<string, string> = new Map();
  let texts: ReadonlySet<string> = new Set();
  const registered = new LRUCache<string, string>({
    maxSize: AUTOMATIC_BYTES,
    sizeCalculation: (text) => ENTRY_BYTES + text.length * 2,
  });

  /** Ids may be given with the name of their hash before them, in the request or in the manifest. */
  const find = (id: string): string | undefined => {
    const bare = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
    return listed.get(id) ?? listed.get(bare) ?? listed.get(PREFIX + bare) ?? registered.get(bare);
  };

  const byId = (id: string, query: string | undefined): string => {
    const text = find(id);
    if (text === undefined) throw settings.only ? required() : notFound(id);
    if (query !== undefined && query !== text)
      throw badRequest('Send `documentId` or `query`: here they are different documents.');
    return text;
  };

  const byHash = ({ version, sha256Hash }: PersistedQuery, query: string | undefined): string | undefined => {
    if (typeof sha256Hash !== 'string') throw badRequest('`persistedQuery` needs a `sha256Hash`.');
    const known = find(sha256Hash);
    if (query === undefined) {
      if (known !== undefined) return known;
      if (settings.only) throw required();
      throw isAutomatic && version === 1 ? NOT_FOUND : NOT_SUPPORTED;
    }
    if (known === query) return query;
    if (!isAutomatic) return undefined;
    if (version !== 1) throw NOT_SUPPORTED;
    // Apollo's own words: clients of today look for them.
    if (!SHA256.test(sha256Hash) || hashOf(query) !== sha256Hash) throw badRequest('provided sha does not match query');
    registered.set(sha256Hash, query);
    return query;
  };

  return {
    load: async () => {
      if (settings.file === undefined) return;
      listed = await readManifest(settings.file);
      texts = new Set(listed.values());
    },
    resolve: (request) => {
      const { documentId, extensions } = request;
      const persisted = extensions === undefined ? undefined : persistedQueryOf(extensions);
      // Over a WebSocket there has to be a `query`, which is empty then.
      const query = request.query === '' && (documentId ?? persisted) !== undefined ? undefined : request.query;
      const text =
        documentId !== undefined
          ? byId(documentId, query)
          : persisted !== undefined
            ? (byHash(persisted, query) ?? query)
            : query;
      if (settings.only && (text === undefined || !texts.has(text))) throw required();
      return text === request.query || text === undefined ? request : { ...request, query: text };
    },
  };
}

interface PersistedQuery {
  readonly version?: unknown;
  readonly sha256Hash?: unknown;
}

function persistedQueryOf(extensions: Readonly<Record<string, unknown>>): PersistedQuery | undefined {
  const value = Object.hasOwn(extensions, 'persistedQuery') ? extensions['persistedQuery'] : undefined;
  return typeof value === 'object' && value !== null ? value : undefined;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Clients send the text when they see this: https://www.apollographql.com/docs/apollo-server/performance/apq */
const NOT_FOUND = new Refusal({
  status: 200,
  code: 'PERSISTED_QUERY_NOT_FOUND',
  message: 'PersistedQueryNotFound',
  headers: { 'cache-control': 'private, no-cache, must-revalidate' },
});
const NOT_SUPPORTED = new Refusal({
  status: 200,
  code: 'PERSISTED_QUERY_NOT_SUPPORTED',
  message: 'PersistedQueryNotSupported',
  headers: { 'cache-control': 'private, no-cache, must-revalidate' },
});

function notFound(id: string): Refusal {
  return new Refusal({
    status: 400,
    code: 'PERSISTED_DOCUMENT_NOT_FOUND',
    message: `There is no document ${JSON.stringify(id.slice(0, 100))}.`,
  });
}

function required(): Refusal {
  return new Refusal({
    status: 400,
    code: 'PERSISTED_DOCUMENT_REQUIRED',
    message: 'Only documents that are registered with this gateway are executed: name one by its `documentId`.',
  });
}

function badRequest(message: string): Refusal {
  return new Refusal({ status: 400, code: 'BAD_REQUEST', message });
}

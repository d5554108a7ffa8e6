import { badUserInput } from '../errors/index.js';
import { MAX_PAGE_SIZE } from './connection.js';
import type { Connection } from './connection.js';

const VERSION = 'c1';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A page asked for: newest first, keyset on the id (UUIDv7 ids rise with time). */
export interface PageRequest {
  readonly first: number;
  /** Id behind which the page starts, null for the first page. */
  readonly afterId: string | null;
}

/** Checks the arguments of a list. Throws BAD_USER_INPUT for `first` out of 1..100 and for a cursor not made here. */
export function pageRequest({ first, after }: { readonly first: number; readonly after?: string | null }): PageRequest {
  if (first < 1 || first > MAX_PAGE_SIZE) {
    throw badUserInput(`first must be between 1 and ${MAX_PAGE_SIZE}, it was ${first}.`);
  }
  return { first, afterId: after === undefined || after === null ? null : decodeCursor(after) };
}

/** Makes a page of rows that were fetched with one more than `first`, to know whether more follow. */
export function toConnection<Node extends { readonly id: string }>(
  rows: readonly Node[],
  { first, afterId }: PageRequest,
): Connection<Node> {
  const nodes = rows.slice(0, first);
  const edges = nodes.map((node) => ({ node, cursor: encodeCursor(node.id) }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: afterId !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function encodeCursor(id: string): string {
  return Buffer.from(`${VERSION}:${id}`).toString('base64url');
}

function decodeCursor(cursor: string): string {
  const [version, id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
  if (version !== VERSION || !UUID.test(id)) throw badUserInput('after is not a cursor of this list.');
  return id;
}

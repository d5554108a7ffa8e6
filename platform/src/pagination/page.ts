import { badUserInput } from '../errors/index.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './connection.js';
import type { Connection } from './connection.js';
import type { CursorPosition, CursorSigner, ListCursors, ListIdentity } from './cursor.js';

/** A page asked for. Without an order of its own a list goes by id, newest first: UUIDv7 ids rise with time. */
export interface PageRequest {
  /** How many items at the most. */
  readonly first: number;
  /** Id of the row behind which the page starts, null for the first page; before which it ends, when `isBackward`. */
  readonly afterId: string | null;
  /** What the list is sorted by at that row, where it has an order of its own. */
  readonly afterValue: string | null;
  /** Whether the items wanted are those before the cursor, or the last ones of the list. */
  readonly isBackward: boolean;
  readonly cursors: ListCursors;
}

/** Who asks, and what signs cursors: the context of a resolver has both. */
export interface PageContext {
  readonly cursors: CursorSigner;
  readonly viewer: { readonly userId: string } | null;
}

/**
 * Checks the arguments of a list. Throws BAD_USER_INPUT for `first` out of 1..100, and for a cursor that was not made
 * for this list, filter, order and viewer.
 */
export function pageRequest(
  { first, after }: { readonly first: number; readonly after?: string | null },
  list: ListIdentity,
  context: PageContext,
): PageRequest {
  return requestOf({ size: first, sizeName: 'first', cursor: after ?? null, isBackward: false }, list, context);
}

/** The same for a list that goes both ways: `first` and `after`, or `last` and `before`. */
export function twoWayPageRequest(
  {
    first,
    after,
    last,
    before,
  }: {
    readonly first?: number | null;
    readonly after?: string | null;
    readonly last?: number | null;
    readonly before?: string | null;
  },
  list: ListIdentity,
  context: PageContext,
): PageRequest {
  const given = (value: unknown): boolean => value !== undefined && value !== null;
  if ((given(first) || given(after)) && (given(last) || given(before)))
    throw badUserInput('Give first and after to go forward, or last and before to go backward, not both.');
  return given(last) || given(before)
    ? requestOf(
        { size: last ?? DEFAULT_PAGE_SIZE, sizeName: 'last', cursor: before ?? null, isBackward: true },
        list,
        context,
      )
    : pageRequest({ first: first ?? DEFAULT_PAGE_SIZE, after: after ?? null }, list, context);
}

function requestOf(
  {
    size,
    sizeName,
    cursor,
    isBackward,
  }: {
    readonly size: number;
    readonly sizeName: string;
    readonly cursor: string | null;
    readonly isBackward: boolean;
  },
  list: ListIdentity,
  { cursors: signer, viewer }: PageContext,
): PageRequest {
  if (size < 1 || size > MAX_PAGE_SIZE) {
    throw badUserInput(`${sizeName} must be between 1 and ${MAX_PAGE_SIZE}, it was ${size}.`);
  }
  const cursors = signer.of(list, viewer?.userId ?? null);
  const position = cursor === null ? null : cursors.decode(cursor);
  return {
    first: size,
    afterId: position?.id ?? null,
    afterValue: position?.value ?? null,
    isBackward,
    cursors,
  };
}

/** Makes a page of rows in order of their ids that were fetched with one more than `first`, to know whether more follow. */
export function toConnection<Node extends { readonly id: string }>(
  rows: readonly Node[],
  request: PageRequest,
): Connection<Node> {
  return connectionOf(
    rows.map((node) => ({ node, position: { id: node.id, value: null } })),
    request,
  );
}

/** The same for rows whose places are known. Those of a page backward come last first. */
export function connectionOf<Node>(
  rows: readonly { readonly node: Node; readonly position: CursorPosition }[],
  { first, afterId, isBackward, cursors }: PageRequest,
): Connection<Node> {
  const shown = rows.slice(0, first);
  if (isBackward) shown.reverse();
  const edges = shown.map(({ node, position }) => ({ node, cursor: cursors.encode(position) }));
  const hasMore = rows.length > first;
  return {
    edges,
    nodes: shown.map(({ node }) => node),
    pageInfo: {
      hasNextPage: isBackward ? afterId !== null : hasMore,
      hasPreviousPage: isBackward ? hasMore : afterId !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

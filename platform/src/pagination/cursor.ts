import { createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { badUserInput } from '../errors/index.js';
import { canonicalJson } from '../json/index.js';

const MAC_BYTES = 16;
/** Longer than any name that a list is sorted by. */
const LONGEST_CURSOR = 4_096;

/** A place in a list: a row, and what the list is sorted by there, in the text form of Postgres. */
export interface CursorPosition {
  readonly id: string;
  /** Null where the order is that of the ids. */
  readonly value: string | null;
}

/** What makes one list different from another: a cursor of one is none of the other. */
export interface ListIdentity {
  /** Name of the list in the schema, for instance `User.sessions`. */
  readonly list: string;
  /** Whose list it is, where everybody has one. */
  readonly ownerId?: string | null;
  readonly filter?: unknown;
  readonly orderBy?: unknown;
}

/** The cursors of one list, for one viewer. */
export interface ListCursors {
  /** Stands for the list and the viewer; the same for the same. */
  readonly listHash: string;
  encode(position: CursorPosition): string;
  /** Throws BAD_USER_INPUT with the reason BAD_CURSOR for what {@link encode} has not made for this list. */
  decode(cursor: string): CursorPosition;
}

/** Makes and reads the cursors of all lists of a service. */
export interface CursorSigner {
  of(list: ListIdentity, viewerId: string | null): ListCursors;
}

/**
 * A cursor is a place and an HMAC-SHA-256 over it and the identity of its list: nobody can make one up, or use one of
 * another list, filter, order or viewer, to find out where something hidden would stand.
 * @param secret of the platform; the key is derived from it (HKDF, RFC 5869).
 */
export function createCursorSigner(secret: string): CursorSigner {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'orion:cursors', 32));
  return {
    of({ list, ownerId = null, filter, orderBy }, viewerId) {
      const identity = [list, ownerId, withoutNulls(filter), withoutNulls(orderBy), viewerId];
      const listHash = hash('sha256', canonicalJson(identity), 'base64url');
      const macOf = (payload: Buffer): Buffer =>
        createHmac('sha256', key).update(listHash).update('\n').update(payload).digest().subarray(0, MAC_BYTES);
      return {
        listHash,
        encode({ id, value }) {
          const payload = Buffer.from(JSON.stringify(value === null ? [id] : [id, value]));
          return Buffer.concat([macOf(payload), payload]).toString('base64url');
        },
        decode(cursor) {
          const bytes = cursor.length > LONGEST_CURSOR ? Buffer.alloc(0) : Buffer.from(cursor, 'base64url');
          const payload = bytes.subarray(MAC_BYTES);
          // Buffer.from overlooks what is no base64url: one cursor has one spelling.
          if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== cursor) throw badCursor();
          if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(payload))) throw badCursor();
          const [id, value = null] = JSON.parse(payload.toString('utf8')) as [string, string?];
          return { id, value };
        },
      };
    },
  };
}

function badCursor(): Error {
  return badUserInput('This is not a cursor of this list with this filter and order. Begin at its first page.', {
    reason: 'BAD_CURSOR',
  });
}

/** A condition of null is none, whether it was written or not; dates become texts. */
function withoutNulls(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? {}, (_key, item: unknown) => (item === null ? undefined : item)),
  ) as unknown;
}

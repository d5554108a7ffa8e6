import fc from 'fast-check';
import { createCursorSigner } from './cursor.js';
import type { ListIdentity } from './cursor.js';

const signer = createCursorSigner('a secret of the platform that is long enough');
const BAD = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', reason: 'BAD_CURSOR' } });
const users: ListIdentity = { list: 'Query.users', filter: { search: 'a' }, orderBy: { field: 'DISPLAY_NAME' } };
const position = { id: '00000000-0000-7000-8000-00000000000a', value: 'anna m\u00fcller' };

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('ID-86: every place comes back as it was', () => {
  const value = fc.option(fc.string({ unit: 'grapheme', maxLength: 300 }), { nil: null });
  fc.assert(
    fc.property(fc.uuid(), value, (id, placed) => {
      const cursors = signer.of(users, 'viewer');
      expect(cursors.decode(cursors.encode({ id, value: placed }))).toEqual({ id, value: placed });
    }),
  );
});

test('ID-86: no change of a cursor is a cursor', () => {
  const cursors = signer.of(users, 'viewer');
  const good = cursors.encode(position);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.constantFrom(...'AZaz09-_=. '), (at, character) => {
      const changed = `${good.slice(0, at)}${character}${good.slice(at + 1)}`;
      fc.pre(changed !== good);
      expect(thrownBy(() => cursors.decode(changed))).toEqual(BAD);
    }),
  );
});

test('ID-86: no text at all is a cursor, unless it was made here', () => {
  const cursors = signer.of(users, 'viewer');
  fc.assert(fc.property(fc.string(), (text) => expect(thrownBy(() => cursors.decode(text))).toEqual(BAD)));
  const madeUp = ['', 'abc', 'x'.repeat(1_000_000), Buffer.from("c1:' OR 1=1").toString('base64url')];
  for (const text of [...madeUp, `${cursors.encode(position)}=`, ` ${cursors.encode(position)}`]) {
    expect(thrownBy(() => cursors.decode(text))).toEqual(BAD);
  }
});

test.each<[string, ListIdentity, string | null]>([
  ['list', { ...users, list: 'Query.searchUsers' }, 'viewer'],
  ['owner', { ...users, ownerId: 'somebody' }, 'viewer'],
  ['filter', { ...users, filter: { search: 'b' } }, 'viewer'],
  ['date in the filter', { ...users, filter: { search: 'a', createdAfter: new Date(0) } }, 'viewer'],
  ['order', { ...users, orderBy: { field: 'CREATED_AT' } }, 'viewer'],
  ['viewer', users, 'other'],
  ['viewer, who is nobody', users, null],
])('ID-86: a cursor of another %s is refused', (_what, list, viewerId) => {
  const cursor = signer.of(list, viewerId).encode(position);
  expect(thrownBy(() => signer.of(users, 'viewer').decode(cursor))).toEqual(BAD);
});

test('ID-86: a cursor of another secret is refused', () => {
  const other = createCursorSigner('another secret of another platform, as long');
  expect(thrownBy(() => signer.of(users, 'v').decode(other.of(users, 'v').encode(position)))).toEqual(BAD);
});

test('a condition that is left out and one that is null are the same', () => {
  const cursor = signer.of({ list: 'a', filter: { search: null } }, null).encode(position);
  expect(signer.of({ list: 'a' }, null).decode(cursor)).toEqual(position);
});

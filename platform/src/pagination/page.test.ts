import { createCursorSigner } from './cursor.js';
import { pageRequest, toConnection, twoWayPageRequest } from './page.js';

const context = { cursors: createCursorSigner('a secret of the platform that is long enough'), viewer: null };
const list = { list: 'Query.things' };
const rows = ['c', 'b', 'a'].map((end) => ({ id: `00000000-0000-7000-8000-00000000000${end}` }));

test('a page ends with a cursor that begins the next', () => {
  const first = toConnection(rows, pageRequest({ first: 2 }, list, context));
  expect(first.nodes).toHaveLength(2);
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  const next = pageRequest({ first: 2, after: first.pageInfo.endCursor }, list, context);
  expect(next.afterId).toBe(rows[1]?.id);
});

test('a page backward is shown in the order of the list', () => {
  const request = twoWayPageRequest({ last: 2 }, list, context);
  const last = toConnection(rows, request);
  expect(last.nodes).toEqual([rows[1], rows[0]]);
  expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  const before = twoWayPageRequest({ last: 2, before: last.pageInfo.startCursor }, list, context);
  expect(before).toMatchObject({ isBackward: true, afterId: rows[1]?.id });
  expect(toConnection([], before).pageInfo).toMatchObject({ hasNextPage: true, startCursor: null });
});

test.each([0, -1, 101, 1_000_000])('first: %i is refused with the allowed range', (size) => {
  expect(() => pageRequest({ first: size }, list, context)).toThrow(/first must be between 1 and 100/);
  expect(() => twoWayPageRequest({ last: size }, list, context)).toThrow(/last must be between 1 and 100/);
});

test('ID-72: a page goes one way', () => {
  for (const args of [
    { first: 1, last: 1 },
    { first: 1, before: 'x' },
    { after: 'x', last: 1 },
    { after: 'x', before: 'x' },
  ])
    expect(() => twoWayPageRequest(args, list, context)).toThrow(/not both/);
  expect(twoWayPageRequest({}, list, context)).toMatchObject({ first: 20, isBackward: false });
});

import { pageRequest, toConnection } from './page.js';

const rows = ['c', 'b', 'a'].map((end) => ({ id: `00000000-0000-7000-8000-00000000000${end}` }));

test('a page ends with a cursor that begins the next', () => {
  const first = toConnection(rows, pageRequest({ first: 2 }));
  expect(first.nodes).toHaveLength(2);
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  const next = pageRequest({ first: 2, after: first.pageInfo.endCursor });
  expect(next.afterId).toBe(rows[1]?.id);
});

test.each([0, -1, 101, 1_000_000])('first: %i is refused with the allowed range', (first) => {
  expect(() => pageRequest({ first })).toThrow(/between 1 and 100/);
});

test.each(['', 'abc', Buffer.from("c1:' OR 1=1").toString('base64url')])(
  'the made-up cursor %j is refused',
  (after) => {
    expect(() => pageRequest({ first: 1, after })).toThrow(/not a cursor/);
  },
);

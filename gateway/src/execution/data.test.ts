import { get, merge, set } from './data.js';

test('what a later fetch found is joined with what is known', () => {
  const target = { user: { id: '1', tags: ['a'] }, list: [{ id: '1' }, null, [{ x: 1 }]], gone: null };
  merge(target, {
    user: { name: 'Ada', tags: ['b', 'c'] },
    list: [{ name: 'n' }, { id: '2' }, [{ y: 2 }]],
    gone: { id: '3' },
  });
  expect(target).toEqual({
    user: { id: '1', name: 'Ada', tags: ['b', 'c'] },
    list: [{ id: '1', name: 'n' }, { id: '2' }, [{ x: 1, y: 2 }]],
    gone: { id: '3' },
  });
});

test('a response key named __proto__ is data and changes no prototype', () => {
  const target: Record<string, unknown> = {};
  merge(target, JSON.parse('{"__proto__":{"polluted":true},"constructor":"c"}') as Record<string, unknown>);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
  expect(get(target, '__proto__')).toEqual({ polluted: true });
  expect(get({}, 'constructor')).toBeUndefined();
  const other = {};
  set(other, '__proto__', 1);
  expect(Object.keys(other)).toEqual(['__proto__']);
});

import { Overlay } from './overlay.js';

const isObjectType = (typename: unknown): boolean => typename === 'Car';

test('what completes an object is read as if it were its own, and the object stays as it was', () => {
  const overlay = new Overlay(isObjectType);
  const user = { id: '1', name: null };
  overlay.add(user, { name: 'Ada', email: 'ada@example.com' });
  expect([overlay.read(user, 'id'), overlay.read(user, 'name'), overlay.read(user, 'email')]).toEqual([
    '1',
    'Ada',
    'ada@example.com',
  ]);
  expect(user).toEqual({ id: '1', name: null });
});

test('a null does not replace what is known, and is told from what nobody answered', () => {
  const overlay = new Overlay(isObjectType);
  const user = { name: 'Ada' };
  overlay.add(user, { name: null, phone: null });
  expect([overlay.read(user, 'name'), overlay.read(user, 'phone'), overlay.read(user, 'fax')]).toEqual([
    'Ada',
    null,
    undefined,
  ]);
});

test('objects and lists that both sides have are completed element by element', () => {
  const overlay = new Overlay(isObjectType);
  const order = { address: { city: 'Paris' }, lines: [{ sku: 'a' }, { sku: 'b' }] };
  overlay.add(order, { address: { zip: '75001' }, lines: [{ count: 1 }, { count: 2 }] });
  expect(overlay.read(order.address, 'zip')).toBe('75001');
  expect(order.lines.map((line) => overlay.read(line, 'count'))).toEqual([1, 2]);
});

test('lists of different lengths are not mixed', () => {
  const overlay = new Overlay(isObjectType);
  const order = { lines: [{ sku: 'a' }] };
  overlay.add(order, { lines: [{ count: 1 }, { count: 2 }] });
  expect(order.lines.map((line) => overlay.read(line, 'count'))).toEqual([undefined]);
});

test('a key named __proto__ in an answer changes no prototype', () => {
  const overlay = new Overlay(isObjectType);
  const target = {};
  overlay.add(target, JSON.parse('{"__proto__":{"polluted":true},"name":"x"}') as Record<string, unknown>);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(overlay.read({}, 'polluted')).toBeUndefined();
  expect(overlay.read(target, 'name')).toBe('x');
});

test('the name of a type is known better than the name of its interface', () => {
  const overlay = new Overlay(isObjectType);
  const vehicle = { __typename: 'Vehicle' };
  expect(overlay.read(vehicle, '__typename')).toBe('Vehicle');
  overlay.add(vehicle, { __typename: 'Car' });
  expect(overlay.read(vehicle, '__typename')).toBe('Car');
});

import { spell } from './names.js';

test('a name is spelt as folders, types, fields and enum values need it', () => {
  expect(spell('order-desk2', { taken: [] })).toEqual({
    name: 'order-desk2',
    Name: 'OrderDesk2',
    camel: 'orderDesk2',
    SCREAMING: 'ORDER_DESK2',
  });
});

test.each([
  ['Billing', 'cannot be the name of a subgraph'],
  ['x', 'cannot be the name of a subgraph'],
  ['9lives', 'cannot be the name of a subgraph'],
  ['two--hyphens', 'cannot be the name of a subgraph'],
  ['end-', 'cannot be the name of a subgraph'],
  ['under_score', 'cannot be the name of a subgraph'],
  ['../escape', 'cannot be the name of a subgraph'],
  ['a'.repeat(32), 'cannot be the name of a subgraph'],
  ['gateway', 'means something else here'],
  ['bus', 'means something else here'],
  ['auth', 'There is a subgraph auth already'],
])('%s is refused', (name, reason) => {
  expect(() => spell(name, { taken: ['auth', 'user'] })).toThrow(reason);
});

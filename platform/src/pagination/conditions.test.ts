import { createConditions } from './conditions.js';

test('a value that a filter names is a parameter behind those of the page, one it leaves open is nothing', () => {
  const conditions = createConditions('t.deleted_at IS NULL');
  conditions.add('a', (value) => `t.name = ${value}`);
  conditions.add(null, (value) => `t.kind = ${value}`);
  conditions.add(undefined, (value) => `t.kind = ${value}`);
  conditions.require('t.seen');
  const both = conditions.parameter(7);
  conditions.require(`(t.one = ${both} OR t.two = ${both})`);
  conditions.add(0, (value) => `t.size >= ${value}`);
  expect(conditions.where).toEqual([
    't.deleted_at IS NULL',
    't.name = $3',
    't.seen',
    '(t.one = $4 OR t.two = $4)',
    't.size >= $5',
  ]);
  expect(conditions.parameters).toEqual(['a', 7, 0]);
});

test('without conditions a list shows everything', () => {
  expect(createConditions().where).toEqual(['true']);
});

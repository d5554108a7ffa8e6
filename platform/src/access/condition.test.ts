import { z } from 'zod';
import { CONDITION_DEPTH, CONDITION_NODES, accessRuleSchema, conditionSchema } from './index.js';
import type { Condition } from './index.js';

const leaf: Condition = { method: { has: 'otp' } };
const nested = (levels: number): Condition => (levels === 1 ? leaf : { not: nested(levels - 1) });

test.each<readonly [Condition]>([
  [leaf],
  [nested(CONDITION_DEPTH)],
  [{ all: Array.from({ length: CONDITION_NODES - 1 }, () => leaf) }],
  [{ any: [{ ip: { in: ['192.0.2.0/24', '2001:db8::/32', '192.0.2.1', '::1'] } }, { authAge: { atMost: 600 } }] }],
  [{ time: { from: '22:00', to: '06:00', timezone: 'Europe/Berlin', weekdays: [1, 7] } }],
  [{ userAgent: { contains: 'curl' } }],
])('%j is a condition', (condition) => {
  expect(conditionSchema.parse(condition)).toEqual(condition);
});

test.each<readonly [unknown]>([
  [null],
  ['all'],
  [{}],
  [{ all: [] }],
  [{ any: [] }],
  [{ ...leaf, ...{ authAge: { atMost: 1 } } }],
  [{ method: { has: '' } }],
  [{ method: { has: 'otp', or: 'pwd' } }],
  [{ ip: { in: [] } }],
  [{ ip: { in: ['192.0.2.0/33'] } }],
  [{ ip: { in: ['0x7f.1'] } }],
  [{ ip: { in: ['2130706433'] } }],
  [{ ip: { in: ['fe80::1%eth0'] } }],
  [{ ip: { in: ['example.org'] } }],
  [{ time: { from: '24:00', to: '06:00', timezone: 'UTC' } }],
  [{ time: { from: '9:00', to: '06:00', timezone: 'UTC' } }],
  [{ time: { from: '09:00', to: '17:00', timezone: 'Nowhere' } }],
  [{ time: { from: '09:00', to: '17:00', timezone: 'UTC', weekdays: [0] } }],
  [{ authAge: { atMost: 0 } }],
  [{ authAge: { atMost: 1.5 } }],
  [JSON.parse('{"__proto__": {"method": {"has": "otp"}}}')],
  [nested(CONDITION_DEPTH + 1)],
  [{ all: Array.from({ length: CONDITION_NODES }, () => leaf) }],
])('%j is none', (condition) => {
  expect(conditionSchema.safeParse(condition).success).toBe(false);
});

test('depth is refused before it is followed', () => {
  let deep: unknown = leaf;
  for (let level = 0; level < 100_000; level += 1) deep = { not: deep };
  expect(conditionSchema.safeParse(deep).error?.issues[0]?.message).toMatch(/deeper than 5/);
});

test('rules can be written into an event contract', () => {
  expect(z.toJSONSchema(accessRuleSchema, { io: 'input' })).toMatchObject({
    type: 'object',
    required: ['id', 'effect', 'permission', 'condition'],
  });
});

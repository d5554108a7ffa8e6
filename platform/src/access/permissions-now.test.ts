import fc from 'fast-check';
import { permissionsNow } from './index.js';
import type { AccessGrants, AccessRule, Circumstances, Condition } from './index.js';

/** A Thursday, 14:30 UTC. */
const NOW = new Date('2026-01-15T14:30:00Z');
const SECONDS = NOW.getTime() / 1_000;
const HERE: Circumstances = {
  now: NOW,
  ip: '192.0.2.7',
  userAgent: 'Mozilla/5.0 (X11; Linux)',
  methods: ['pwd', 'otp'],
  authenticatedAt: SECONDS - 300,
};
const READ = 'user:read:any';
const SEND = 'notification:send:any';

const always: Condition = { userAgent: { contains: 'mozilla' } };
const never: Condition = { not: always };
/** The address cannot be had: nobody knows whether it holds. */
const unknown: Condition = { ip: { in: ['nonsense'] } };

function grants(changes: Partial<AccessGrants> = {}): AccessGrants {
  return { permissions: [READ], expiries: {}, rules: [], version: 1, ...changes };
}

function rule(effect: AccessRule['effect'], condition: Condition, changes: Partial<AccessRule> = {}): AccessRule {
  return { id: 'r', effect, permission: READ, condition, ...changes };
}

function holds(condition: Condition, circumstances: Partial<Circumstances> = {}): boolean {
  const { rules, ...rest } = grants({ permissions: [], rules: [rule('allow', condition)] });
  return permissionsNow({ ...rest, rules }, { ...HERE, ...circumstances }).includes(READ);
}

test('permissions without an end and without rules are held as they are', () => {
  const given = grants({ permissions: [READ, SEND] });
  expect(permissionsNow(given, HERE)).toBe(given.permissions);
});

test('ID-82: a permission is gone from the second of its expiry', () => {
  const given = grants({ permissions: [READ, SEND], expiries: { [READ]: SECONDS } });
  expect(permissionsNow(given, { ...HERE, now: new Date(NOW.getTime() - 1) })).toEqual([READ, SEND]);
  expect(permissionsNow(given, HERE)).toEqual([SEND]);
});

test('names of the prototype are no expiries', () => {
  expect(permissionsNow(grants({ permissions: ['constructor'] }), HERE)).toEqual(['constructor']);
});

test.each([
  ['allow and its condition holds', [rule('allow', always)], [], [READ]],
  ['allow and it does not hold', [rule('allow', never)], [], []],
  ['deny and its condition holds', [rule('deny', always)], [READ], []],
  ['deny and it does not hold', [rule('deny', never)], [READ], [READ]],
  ['both, deny first', [rule('deny', always), rule('allow', always)], [], []],
  ['both, allow first', [rule('allow', always), rule('deny', always)], [READ], []],
  ['an allow that ended', [rule('allow', always, { expiresAt: SECONDS })], [], []],
  ['a deny that ended', [rule('deny', always, { expiresAt: SECONDS })], [READ], [READ]],
  ['an allow of another permission', [rule('allow', always, { permission: SEND })], [], [SEND]],
] as const)('ID-82: %s', (_what, rules, permissions, expected) => {
  expect(permissionsNow(grants({ permissions, rules }), HERE)).toEqual(expected);
});

test.each<readonly [string, unknown]>([
  ['an address range that is none', unknown],
  ['an unknown kind', { moonPhase: { is: 'full' } }],
  ['nothing', null],
  ['no parts', { all: [] }],
  ['no alternatives', { any: [] }],
  ['parts that are no list', { all: 'x' }],
  ['a time zone that is none', { time: { from: '00:00', to: '23:59', timezone: 'Mars/Olympus' } }],
  ['a time that is none', { time: { from: 'noon', to: '23:59', timezone: 'UTC' } }],
  ['an age that is none', { authAge: { atMost: 'long' } }],
])('ID-82: a condition with %s opens nothing and lifts no denial', (_what, condition) => {
  const broken = condition as Condition;
  for (const each of [broken, { not: broken }, { all: [always, broken] }, { any: [broken, never] }]) {
    expect(permissionsNow(grants({ permissions: [], rules: [rule('allow', each)] }), HERE)).toEqual([]);
    expect(permissionsNow(grants({ rules: [rule('deny', each)] }), HERE)).toEqual([]);
  }
});

test.each([
  ['203.0.113.0/24', '203.0.113.9', true],
  ['203.0.113.0/24', '203.0.114.9', false],
  ['203.0.113.9', '203.0.113.9', true],
  ['203.0.113.9', '203.0.113.10', false],
  ['203.0.113.0/24', '::ffff:203.0.113.9', true],
  ['::ffff:203.0.113.0/120', '203.0.113.9', true],
  ['::ffff:203.0.113.9', '203.0.113.9', true],
  ['2001:db8::/32', '2001:db8:1::5', true],
  ['2001:db8::/32', '2001:db9::5', false],
  ['2001:db8::5', '2001:0db8:0:0::5', true],
  ['::/0', '203.0.113.9', false],
  ['0.0.0.0/0', '2001:db8::5', false],
])('the range %s and the address %s', (range, ip, expected) => {
  expect(holds({ ip: { in: [range] } }, { ip })).toBe(expected);
});

test('an unknown address is in no range and not outside of one', () => {
  expect(holds({ ip: { in: ['0.0.0.0/0', '::/0'] } }, { ip: null })).toBe(false);
  expect(holds({ not: { ip: { in: ['203.0.113.0/24'] } } }, { ip: null })).toBe(false);
});

test.each([
  // Berlin is an hour ahead in winter and two in summer.
  ['09:00', '17:00', 'UTC', undefined, '2026-01-15T09:00:00Z', true],
  ['09:00', '17:00', 'UTC', undefined, '2026-01-15T08:59:59Z', false],
  ['09:00', '17:00', 'UTC', undefined, '2026-01-15T17:00:00Z', false],
  ['09:00', '17:00', 'Europe/Berlin', undefined, '2026-01-15T08:00:00Z', true],
  ['09:00', '17:00', 'Europe/Berlin', undefined, '2026-07-15T07:00:00Z', true],
  ['09:00', '17:00', 'Europe/Berlin', undefined, '2026-01-15T07:59:00Z', false],
  ['09:00', '17:00', 'Asia/Kolkata', undefined, '2026-01-15T03:30:00Z', true],
  ['22:00', '06:00', 'UTC', undefined, '2026-01-15T23:00:00Z', true],
  ['22:00', '06:00', 'UTC', undefined, '2026-01-15T05:59:00Z', true],
  ['22:00', '06:00', 'UTC', undefined, '2026-01-15T06:00:00Z', false],
  ['22:00', '06:00', 'UTC', undefined, '2026-01-15T12:00:00Z', false],
  ['00:00', '00:00', 'UTC', undefined, '2026-01-15T12:00:00Z', true],
  ['09:00', '17:00', 'UTC', [4], '2026-01-15T12:00:00Z', true],
  ['09:00', '17:00', 'UTC', [1, 2, 3, 5], '2026-01-15T12:00:00Z', false],
  // The night of Thursday, on Friday morning; and of Sunday, on Monday morning.
  ['22:00', '06:00', 'UTC', [4], '2026-01-16T03:00:00Z', true],
  ['22:00', '06:00', 'UTC', [5], '2026-01-16T03:00:00Z', false],
  ['22:00', '06:00', 'UTC', [7], '2026-01-19T03:00:00Z', true],
  // It is Friday in Auckland already.
  ['00:00', '23:59', 'Pacific/Auckland', [5], '2026-01-15T14:30:00Z', true],
] as const)('from %s to %s in %s on %j at %s: %s', (from, to, timezone, weekdays, now, expected) => {
  expect(holds({ time: { from, to, timezone, weekdays } }, { now: new Date(now) })).toBe(expected);
});

test('methods, age of the sign-in and user agent', () => {
  expect(holds({ method: { has: 'otp' } })).toBe(true);
  expect(holds({ method: { has: 'hwk' } })).toBe(false);
  expect(holds({ authAge: { atMost: 300 } })).toBe(true);
  expect(holds({ authAge: { atMost: 299 } })).toBe(false);
  expect(holds({ userAgent: { contains: 'LINUX' } })).toBe(true);
  expect(holds({ userAgent: { contains: 'curl' } })).toBe(false);
  expect(holds({ userAgent: { contains: 'curl' } }, { userAgent: null })).toBe(false);
});

const condition = fc.letrec<{ readonly tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(always, never, unknown),
    fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
    fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
    fc.record({ not: tie('tree') }),
  ),
})).tree;
const rules = fc.array(
  fc.record({
    id: fc.uuid(),
    effect: fc.constantFrom('allow' as const, 'deny' as const),
    permission: fc.constantFrom(READ, SEND),
    condition,
  }),
  { maxLength: 6 },
);

test('a deny rule never adds and an allow rule never removes, whatever their conditions', () => {
  fc.assert(
    fc.property(rules, rules, (some, more) => {
      const before = new Set(permissionsNow(grants({ rules: some }), HERE));
      const withDenials = permissionsNow(
        grants({ rules: [...some, ...more.map((each) => ({ ...each, effect: 'deny' as const }))] }),
        HERE,
      );
      for (const permission of withDenials) expect(before.has(permission)).toBe(true);
      const withAllows = new Set(
        permissionsNow(
          grants({ rules: [...some, ...more.map((each) => ({ ...each, effect: 'allow' as const }))] }),
          HERE,
        ),
      );
      for (const permission of before) expect(withAllows.has(permission)).toBe(true);
    }),
  );
});

test('the order of rules and of the parts of a condition does not matter', () => {
  const reversed = (each: Condition): Condition => {
    if ('all' in each) return { all: each.all.map(reversed).toReversed() };
    if ('any' in each) return { any: each.any.map(reversed).toReversed() };
    return 'not' in each ? { not: reversed(each.not) } : each;
  };
  fc.assert(
    fc.property(rules, (given) => {
      const turned = given.map((each) => ({ ...each, condition: reversed(each.condition) })).toReversed();
      expect([...permissionsNow(grants({ rules: turned }), HERE)].toSorted()).toEqual(
        [...permissionsNow(grants({ rules: given }), HERE)].toSorted(),
      );
    }),
  );
});

test('what holds does not hold when it is negated', () => {
  fc.assert(fc.property(condition, (each) => expect(holds(each) && holds({ not: each })).toBe(false)));
});

test('anything at all in place of a condition neither throws, nor opens, nor lifts a denial', () => {
  fc.assert(
    fc.property(fc.anything(), (thing) => {
      const broken = thing as Condition;
      expect(permissionsNow(grants({ permissions: [], rules: [rule('allow', broken)] }), HERE)).toEqual([]);
      expect(permissionsNow(grants({ rules: [rule('deny', broken)] }), HERE)).toEqual([]);
    }),
  );
});

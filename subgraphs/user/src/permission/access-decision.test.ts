import { permissionsNow } from '@orion/platform/access';
import fc from 'fast-check';
import { grantsOf } from './access-sources.js';
import type { AccessSources } from './access-sources.js';

const permission = fc.constantFrom('a:read:any', 'a:write:any', 'b:read:any');
const NOW = 1_700_000_000;
/** Seconds from now; null is never. */
const end = fc.option(fc.integer({ min: 1, max: 5 }), { nil: null });
const dateOf = (seconds: number | null): Date | null => (seconds === null ? null : new Date((NOW + seconds) * 1_000));
const always = { not: { userAgent: { contains: 'nothing that is called like this' } } };

const sources: fc.Arbitrary<AccessSources> = fc.record({
  grants: fc.array(
    fc.record({ permission, kind: fc.constantFrom('ROLE' as const, 'DIRECT' as const), expiresAt: end.map(dateOf) }),
    { maxLength: 6 },
  ),
  denials: fc.array(fc.record({ permission, expiresAt: end.map(dateOf) }), { maxLength: 2 }),
  rules: fc.array(
    fc
      .record({ permission, effect: fc.constantFrom('allow' as const, 'deny' as const), seconds: end })
      .map(({ seconds, ...rule }) => ({
        ...rule,
        id: 'x',
        condition: always,
        ...(seconds === null ? {} : { expiresAt: NOW + seconds }),
      })),
    { maxLength: 3 },
  ),
});

test('ID-82 property: what is denied is not held, and all else is held exactly until the end of what lasts longest', () => {
  fc.assert(
    fc.property(sources, fc.integer({ min: 0, max: 6 }), ({ grants, denials, rules }, later) => {
      const at = NOW + later;
      const circumstances = { now: new Date(at * 1_000), ip: null, userAgent: null, methods: [], authenticatedAt: 0 };
      const held = permissionsNow(grantsOf({ grants, denials, rules }, 1), circumstances);
      const lasts = (until: Date | null): boolean => until === null || at < until.getTime() / 1_000;
      const applies = (effect: string, one: string): boolean =>
        rules.some(
          (rule) => rule.effect === effect && rule.permission === one && !(at >= (rule.expiresAt ?? Infinity)),
        );
      for (const one of ['a:read:any', 'a:write:any', 'b:read:any']) {
        const isGiven =
          grants.some((grant) => grant.permission === one && lasts(grant.expiresAt)) || applies('allow', one);
        const isDenied = denials.some((denial) => denial.permission === one) || applies('deny', one);
        expect([one, held.includes(one)]).toEqual([one, isGiven && !isDenied]);
      }
    }),
    { numRuns: 2_000 },
  );
});

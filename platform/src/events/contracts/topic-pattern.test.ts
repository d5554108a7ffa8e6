import fc from 'fast-check';
import { assertNameOrPattern, isPattern, matcherOf, patternSource } from './topic-pattern.js';

describe('topic pattern', () => {
  it.each([
    ['orion.user', 'orion.user', true],
    ['orion.user', 'orion.users', false],
    ['orion.user', 'orionxuser', false],
    ['orion.*', 'orion.user', true],
    ['orion.*', 'orion', false],
    ['orion.*', 'orion.user.more', false],
    ['*.user', 'orion.user', true],
    ['*', 'orion', true],
    ['*', 'orion.user', false],
    ['orion.**', 'orion', true],
    ['orion.**', 'orion.user.more', true],
    ['orion.**', 'orions', false],
    ['**.failed', 'failed', true],
    ['**.failed', 'mail.delivery.failed', true],
    ['**.failed', 'mail.notfailed', false],
    ['a.**.z', 'a.z', true],
    ['a.**.z', 'a.b.c.z', true],
    ['a.**.z', 'az', false],
    ['**.*', 'a', true],
    ['**.*', 'a.b', true],
    ['**', 'a.b.c', true],
    ['a.**.**.z', 'a.b.z', true],
  ])('%s takes %s: %s', (pattern, name, expected) => {
    expect(matcherOf([pattern])(name)).toBe(expected);
  });

  it('takes what one of several takes, and nothing for none', () => {
    const matches = matcherOf(['a.b', 'c.*']);
    expect(['a.b', 'c.d', 'a.c', 'c'].map(matches)).toEqual([true, true, false, false]);
    expect(matcherOf([])('a')).toBe(false);
  });

  it('tells a pattern from a name', () => {
    expect(['orion.user', 'orion.*', '**'].map(isPattern)).toEqual([false, true, true]);
  });

  it.each(['', '.', 'a..b', '.a', 'a.', 'a.us*', 'a.***', 'a,b', 'a b', 'a'.repeat(250)])(
    'refuses "%s" with what to write instead',
    (bad) => {
      expect(() => assertNameOrPattern(bad)).toThrow(/is no name and no pattern: write segments of letters/);
      expect(() => matcherOf([bad])).toThrow(TypeError);
    },
  );

  it('agrees with a matcher that goes segment by segment', () => {
    const matches = (pattern: readonly string[], name: readonly string[]): boolean => {
      const [first, ...rest] = pattern;
      if (first === undefined) return name.length === 0;
      if (first === '**') return matches(rest, name) || (name.length > 0 && matches(pattern, name.slice(1)));
      return name.length > 0 && (first === '*' || first === name[0]) && matches(rest, name.slice(1));
    };
    const name = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 });
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '**'), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(pattern, name, (segments, parts) => {
        expect(new RegExp(patternSource(segments.join('.'))).test(parts.join('.'))).toBe(matches(segments, parts));
      }),
      { numRuns: 2_000 },
    );
  });
});

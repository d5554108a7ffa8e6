import fc from 'fast-check';
import { readEmail } from './email-address.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.emailAddress(),
  // Nearly an address: one with anything put into it.
  fc
    .tuple(fc.emailAddress(), fc.nat(), fc.string({ unit: 'grapheme', maxLength: 2 }))
    .map(([address, at, text]) => address.slice(0, at % address.length) + text + address.slice(at % address.length)),
);

test('what is taken for an address is printable ASCII with one @, and its own canonical form is the same', () =>
  fc.assert(
    fc.property(anyText, (typed) => {
      const address = readEmail(typed);
      if (address === null) return;
      expect(address.spelling).toMatch(/^[!-~]+$/);
      expect(address.canonical.split('@')).toHaveLength(2);
      expect(address.canonical).toBe(address.spelling.toLowerCase());
      expect(address.canonical.length).toBeLessThanOrEqual(254);
      expect(readEmail(address.canonical)?.canonical).toBe(address.canonical);
    }),
    { numRuns: 2_000 },
  ));

test('an address is the same in any mixture of capitals, and no other one is', () =>
  fc.assert(
    fc.property(
      fc.emailAddress(),
      fc.infiniteStream(fc.boolean()),
      fc.string({ minLength: 1, maxLength: 1 }),
      (one, capitals, more) => {
        const address = readEmail(one);
        fc.pre(address !== null);
        const mixed = [...one].map((letter) => (capitals.next().value ? letter.toUpperCase() : letter)).join('');
        expect(readEmail(mixed)?.canonical).toBe(address.canonical);
        fc.pre(more.trim() !== '');
        expect(readEmail(`${more}${one}`)?.canonical).not.toBe(address.canonical);
      },
    ),
    { numRuns: 1_000 },
  ));

test('letters that only look like ASCII, or become it in lower case, make no address', () =>
  fc.assert(
    fc.property(
      fc.emailAddress(),
      fc.nat(),
      fc.constantFrom('\uff41', '\u212a', '\u017f', '\u0430', '\u200b', '\u202e', '\u0000', '\r\n'),
      (one, at, other) => {
        const place = at % (one.length - 1);
        expect(readEmail(one.slice(0, place + 1) + other + one.slice(place + 1))).toBeNull();
      },
    ),
    { numRuns: 500 },
  ));

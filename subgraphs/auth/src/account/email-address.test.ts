import { readEmail } from './email-address.js';

test('an address keeps its spelling and is unique in lower case, without blanks around it', () => {
  expect(readEmail('  Kim.O-Neil+x@Example.COM ')).toEqual({
    spelling: 'Kim.O-Neil+x@Example.COM',
    canonical: 'kim.o-neil+x@example.com',
  });
});

test.each([
  ['a KELVIN SIGN, whose lower case is k', '\u212aim@example.com'],
  ['a KELVIN SIGN in the host', 'kim@\u212aexample.com'],
  ['a dotted capital I, whose lower case is two characters', '\u0130da@example.com'],
  ['a full-width letter', '\uff41lice@example.com'],
  ['a zero-width space', 'al\u200bice@example.com'],
  ['a line break', 'a@example.com\r\nBcc: b@example.com'],
  ['a host without a dot', 'a@localhost'],
  ['a local part that is too long', `${'a'.repeat(65)}@example.com`],
  ['more than 254 characters', `a@${'b.'.repeat(126)}example`],
  ['nothing', ''],
])('%s is no address', (_what, typed) => {
  expect(readEmail(typed)).toBeNull();
});

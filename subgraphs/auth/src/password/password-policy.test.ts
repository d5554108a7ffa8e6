import { COMMON_PASSWORDS, isCommonPassword } from './common-passwords.js';
import { PasswordPolicy } from './password-policy.js';

const policy = new PasswordPolicy(8, null);
const OWNER = { email: 'wonderland.alice@example.com', displayName: 'Alice Liddell' };

test('ID-13: what is too long is refused by its size, before anything is done with it', () => {
  for (const password of ['x'.repeat(1_000_000), 'x'.repeat(10_000), '\u{1f40e}'.repeat(129), 'x'.repeat(129)]) {
    expect(policy.isOversized(password)).toBe(true);
    expect(policy.faultOf(password, OWNER)).toBe('PASSWORD_TOO_LONG');
  }
  expect(policy.faultOf('\u{1f40e}'.repeat(128), OWNER)).toBeNull();
  // Composed it has 128 characters: how it was typed does not count.
  expect(policy.faultOf('e\u0301'.repeat(128), OWNER)).toBeNull();
});

test('lengths count characters, not bytes, but where the hash reads bytes', () => {
  expect(policy.faultOf('\u{1f40e}'.repeat(7), OWNER)).toBe('PASSWORD_TOO_SHORT');
  expect(policy.faultOf('\u{1f40e}'.repeat(8), OWNER)).toBeNull();
  expect(new PasswordPolicy(15, null).faultOf('short by far', OWNER)).toBe('PASSWORD_TOO_SHORT');
  expect(new PasswordPolicy(8, 72).faultOf('\u{1f40e}'.repeat(19), OWNER)).toBe('PASSWORD_TOO_LONG');
  expect(new PasswordPolicy(8, 72).faultOf('\u{1f40e}'.repeat(18), OWNER)).toBeNull();
});

test.each(['password', 'Password123456', 'QWERTYUIOP', 'iloveyou1', 'dragon2026!', '1234567890', '!sunshine!'])(
  'ID-18: everybody would guess %s',
  (password) => {
    expect(policy.faultOf(password, OWNER)).toBe('PASSWORD_COMPROMISED');
  },
);

test.each([
  ['the local part', 'wonderland.alice'],
  ['the local part and a little', 'WonderlandAlice1!'],
  ['the address', 'wonderland.alice@example.com'],
  ['a part of it', 'nderland'],
  ['the name', 'Al\u00edce-Liddell-7'],
  ['a word of the name', 'Liddell2026'],
  ['the product', 'orion-demo'],
  ['the product again and again', 'OrionOrionOrion'],
])('ID-18: a password made of %s is too similar', (_what, password) => {
  expect(policy.faultOf(password, OWNER)).toBe('PASSWORD_TOO_SIMILAR');
});

test('a long password may have one of them in it, and signs and case are as anybody likes', () => {
  for (const password of [
    'alice fell down a rabbit hole',
    'correct horse battery',
    '!!!!!!!!!!?',
    '\u043f\u0430\u0440\u043e\u043b\u044c \u0434\u043b\u044f \u0432\u0441\u0435\u0445',
    'the belt of orion at dawn',
  ]) {
    expect(policy.faultOf(password, OWNER)).toBeNull();
  }
  expect(policy.faultOf('correct horse battery', { email: '', displayName: null })).toBeNull();
});

test('the list is long enough, and needs no network', () => {
  // ASVS 5.0 6.2.4: at least the 3,000 most common ones that the other rules let through.
  expect(COMMON_PASSWORDS).toBeGreaterThan(10_000);
  expect(isCommonPassword('correct horse battery')).toBe(false);
});

import { randomBytes } from 'node:crypto';
import { createSealer } from './sealing.js';

const sealer = createSealer(randomBytes(32).toString('base64'));

test('opens what it sealed, and never seals twice alike', () => {
  const one = sealer.seal('secret', 'mail');
  expect(sealer.open(one, 'mail')).toBe('secret');
  expect(sealer.seal('secret', 'mail')).not.toBe(one);
  expect(one).not.toContain('secret');
});

test('refuses another purpose, another key and a changed text', () => {
  const sealed = sealer.seal('secret', 'mail');
  const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;
  expect(() => sealer.open(sealed, 'signing-key')).toThrow(/not meant for/);
  expect(() => createSealer(randomBytes(32).toString('base64')).open(sealed, 'mail')).toThrow(/seal broken/);
  expect(() => sealer.open(changed, 'mail')).toThrow(/seal broken/);
  expect(() => sealer.open('plain text', 'mail')).toThrow(/not a sealed text/);
});

test('after a change of the key old texts open while the old key is named, and new ones are told by their beginning', () => {
  const [before, after] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const old = createSealer(before).seal('secret', 'mail');
  const changed = createSealer(`${after},${before}`);
  expect(changed.open(old, 'mail')).toBe('secret');
  expect(old.startsWith(changed.prefix)).toBe(false);
  const anew = changed.seal('secret', 'mail');
  expect(anew.startsWith(changed.prefix)).toBe(true);
  expect(createSealer(after).open(anew, 'mail')).toBe('secret');
  expect(() => createSealer(after).open(old, 'mail')).toThrow(/not known here/);
  expect(() => changed.open(old, 'signing-key')).toThrow(/not meant for/);
});

test('texts of before keys had an id open as well, with whichever key it was', () => {
  const [before, after] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const withoutId = createSealer(before)
    .seal('secret', 'mail')
    .replace(/^v2\.[\w-]+/, 'v1');
  expect(createSealer(before).open(withoutId, 'mail')).toBe('secret');
  expect(createSealer(`${after},${before}`).open(withoutId, 'mail')).toBe('secret');
  expect(() => createSealer(after).open(withoutId, 'mail')).toThrow(/seal broken/);
});

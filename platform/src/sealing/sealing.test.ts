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

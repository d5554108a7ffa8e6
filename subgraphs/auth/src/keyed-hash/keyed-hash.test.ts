import { createHash, randomBytes } from 'node:crypto';
import { createKeyedHash } from './keyed-hash.js';

const [one, two] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

test('the same text hashes alike with the same key and for the same purpose only', () => {
  const hash = createKeyedHash(one, 'backup-code');
  expect(hash.of('code')).toEqual(createKeyedHash(one, 'backup-code').of('code'));
  expect(hash.of('code')).not.toEqual(hash.of('Code'));
  expect(hash.of('code')).not.toEqual(createKeyedHash(one, 'login-code').of('code'));
  expect(hash.of('code')).not.toEqual(createKeyedHash(two, 'backup-code').of('code'));
  expect(hash.of('code')).not.toEqual(createHash('sha256').update('code').digest());
});

test('what was hashed with a key of before is found after the key changed', () => {
  const before = createKeyedHash(one, 'backup-code').of('code');
  const after = createKeyedHash(`${two}, ${one}`, 'backup-code');
  expect(after.all('code')).toContainEqual(before);
  expect(after.of('code')).toEqual(createKeyedHash(two, 'backup-code').of('code'));
});

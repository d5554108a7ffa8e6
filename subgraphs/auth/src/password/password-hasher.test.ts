import { hash as argon2 } from '@node-rs/argon2';
import bcrypt from 'bcrypt';
import { createPasswordHasher } from './password-hasher.js';

const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const LONG = 'x'.repeat(72);

test('ID-14: of two passwords that share 72 bytes only the right one matches, whatever made the hash', async () => {
  const hasher = await createPasswordHasher({ argon2Cost: CHEAP });
  const own = await hasher.hash(`${LONG}one`);
  expect(await hasher.verify(`${LONG}one`, own)).toBe(true);
  expect(await hasher.verify(`${LONG}two`, own)).toBe(false);
  // A hash that came from elsewhere: bcrypt never read what is behind the 72nd byte.
  const foreign = await bcrypt.hash(LONG, 4);
  expect(await bcrypt.compare(`${LONG}two`, foreign)).toBe(true);
  expect(await hasher.verify(`${LONG}two`, foreign)).toBe(false);
  expect(await hasher.verify(LONG, foreign)).toBe(true);
  const withBcrypt = await createPasswordHasher({ algorithm: 'bcrypt', bcryptCost: 4 });
  expect(withBcrypt.mostBytes).toBe(72);
  await expect(async () => withBcrypt.hash(`${LONG}one`)).rejects.toThrow('more than 72 bytes');
  expect(await withBcrypt.verify(`${LONG}one`, await withBcrypt.hash(LONG))).toBe(false);
});

test.each(['argon2id', 'bcrypt'] as const)('ID-15: every character of a password counts (%s)', async (algorithm) => {
  const hasher = await createPasswordHasher({ algorithm, bcryptCost: 4, argon2Cost: CHEAP });
  const secret = ' pa\u0000ss \u{1f40e} battery ';
  const stored = await hasher.hash(secret);
  expect(await hasher.verify(secret, stored)).toBe(true);
  for (const other of [
    secret.trim(),
    ' pa',
    ' pa\u0000SS \u{1f40e} battery ',
    secret.replace('\u0000', ''),
    `${secret} `,
  ]) {
    expect(await hasher.verify(other, stored)).toBe(false);
  }
  // The same characters, typed on another keyboard, are the same password: NFC, documented and nothing else.
  const accented = await hasher.hash('caf\u00e9 battery');
  expect(await hasher.verify('cafe\u0301 battery', accented)).toBe(true);
  expect(await hasher.verify('cafe battery', accented)).toBe(false);
  // NFKC would make these the same.
  expect(await hasher.verify('\uff43af\u00e9 battery', accented)).toBe(false);
});

test('any hash that is known is checked, and told from what would be made today', async () => {
  const hasher = await createPasswordHasher({ argon2Cost: CHEAP });
  const password = 'correct horse battery';
  const twoB = await bcrypt.hash(password, 4);
  const foreign = [
    twoB,
    twoB.replace('$2b$', '$2a$'),
    twoB.replace('$2b$', '$2y$'),
    await argon2(password, { algorithm: 1, memoryCost: 16, timeCost: 2, parallelism: 1 }),
    await argon2(password, { algorithm: 2, memoryCost: 16, timeCost: 1, parallelism: 1 }),
  ];
  for (const stored of foreign) {
    expect(await hasher.verify(password, stored)).toBe(true);
    expect(await hasher.verify('wrong password', stored)).toBe(false);
    const renewed = await hasher.renew(password, stored);
    expect(renewed).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    expect(await hasher.renew(password, renewed ?? '')).toBeNull();
  }
  await expect(hasher.verify(password, 'plain text')).rejects.toThrow('unknown kind');
  // What the present algorithm cannot hold keeps its hash.
  const withBcrypt = await createPasswordHasher({ algorithm: 'bcrypt', bcryptCost: 4 });
  expect(await withBcrypt.renew(`${LONG}y`, await hasher.hash(`${LONG}y`))).toBeNull();
  expect(await withBcrypt.renew(password, await hasher.hash(password))).toMatch(/^\$2b\$04\$/);
});

test('ID-16: of 500 at once no more are hashed at once than may, the queue has an end, and the rest is told so', async () => {
  const hasher = await createPasswordHasher({ concurrency: 2, queueLimit: 50 });
  const stored = await hasher.hash('correct horse battery');
  const answers = await Promise.allSettled(Array.from({ length: 500 }, () => hasher.verify('wrong password', stored)));
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(answers.length - refused.length).toBe(52);
  for (const { reason } of refused) expect(reason.extensions).toMatchObject({ code: 'RATE_LIMITED' });
});

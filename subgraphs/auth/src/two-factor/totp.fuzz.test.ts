import { createTotpApp } from '@orion/platform/testing';
import fc from 'fast-check';
import { readBackupCode } from '../backup-code/backup-codes.js';
import { isTotpShaped, newTotpSecret, stepOfCode } from './totp.js';

const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^\p{Nd}{5,7}$/u));

test('ID-27: whatever is typed, only six ASCII digits are looked at, and nothing throws', () => {
  const secret = newTotpSecret();
  fc.assert(
    fc.property(anything, (typed) => {
      expect(isTotpShaped(typed)).toBe(typed.length === 6 && [...typed].every((digit) => digit >= '0' && digit <= '9'));
      if (!isTotpShaped(typed)) expect(stepOfCode(secret, typed)).toBeNull();
    }),
    { numRuns: 2_000 },
  );
});

test('a code is of the step that it was made in, and those around it are taken', () => {
  fc.assert(
    fc.property(fc.constantFrom(-1, 0, 1), (steps) => {
      const secret = newTotpSecret();
      const app = createTotpApp(secret);
      const before = stepNow();
      const step = stepOfCode(secret, app.code(steps));
      // The clock may go on to the next step in between.
      if (stepNow() === before) expect(step).toBe(before + steps);
    }),
  );
  const secret = newTotpSecret();
  const far = createTotpApp(secret, { now: () => Date.now() + 10 * 30_000 });
  expect([-1, 0, 1].map((steps) => createTotpApp(secret).code(steps))).not.toContain(far.code());
  expect(stepOfCode(secret, far.code())).toBeNull();
});

test('a backup code is read as it is written, with whatever is put between its letters, and nothing else is one', () => {
  const letters = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...letters), { minLength: 12, maxLength: 12 }),
      fc.constantFrom('', '-', ' '),
      (code, between) => {
        const text = code.join('');
        const typed = `${text.slice(0, 4)}${between}${text.slice(4, 8)}${between}${text.slice(8)}`;
        expect(readBackupCode(typed.toLowerCase())).toBe(text);
      },
    ),
  );
  fc.assert(
    fc.property(anything, (typed) => {
      const code = readBackupCode(typed);
      if (code !== null) expect(code).toMatch(/^[0-9A-Z]{12}$/);
    }),
  );
});

const stepNow = () => Math.floor(Date.now() / 30_000);

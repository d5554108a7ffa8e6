import { createTotpApp } from './totp-app.js';

// RFC 6238, appendix B: the secret is "12345678901234567890", of eight digits the last six.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
])('the code at %d s is %s', (seconds, code) => {
  const app = createTotpApp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', { now: () => seconds * 1_000 });
  expect(app.code()).toBe(code);
});

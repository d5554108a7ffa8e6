import { randomBytes } from 'node:crypto';
import { createSealer } from '@orion/platform/sealing';
import { eventually, runSchedule } from '@orion/platform/testing';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { challenge, completeMfa, enrolled } from '../testing/people.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

test('after a change of the sealing key all is sealed anew, the old key can go, and second factors still work', async () => {
  const email = 'careful@example.com';
  const { app, backupCodes } = await enrolled(auth, email);
  const before = auth.environment['ORION_SEALING_KEY'] ?? '';
  const after = randomBytes(32).toString('base64');
  const { prefix } = createSealer(after);

  await auth.restart({ ORION_SEALING_KEY: `${after},${before}` });
  await runSchedule(auth.databaseUrl, 'reseal');
  await eventually(async () => {
    const texts = await auth.sql<{ text: string }>(
      'SELECT private_sealed AS text FROM signing_keys UNION ALL SELECT secret_sealed FROM two_factor_auth',
    );
    return texts.length > 1 && texts.every(({ text }) => text.startsWith(prefix));
  });
  // A hash cannot be made anew: backup codes are taken as long as the key of their time is known.
  const byCode = {
    challenge: await challenge(auth, email),
    code: backupCodes[0] ?? '',
    method: 'BACKUP_CODE',
  } as const;
  expect(await completeMfa(auth, byCode)).toMatchObject({ userErrors: [] });

  await auth.restart({ ORION_SEALING_KEY: after });
  const byApp = { challenge: await challenge(auth, email), code: app.code(1) };
  expect(await completeMfa(auth, byApp)).toMatchObject({ tokens: { accessToken: expect.any(String) }, userErrors: [] });
});

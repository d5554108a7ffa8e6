import { createLogger } from './log.js';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger('test', { destination: { write: (line) => void lines.push(line) } }));
  return lines.join('');
}

test.each([
  ['at the top', { password: 'hunter2' }],
  ['in headers', { request: { headers: { authorization: 'Bearer hunter2' } } }],
  ['of a second factor', { input: { secret: 'hunter2', challengeToken: 'hunter2', backupCodes: ['hunter2'] } }],
  ['in variables of an operation', { variables: { input: { newPassword: 'hunter2', refreshToken: 'hunter2' } } }],
])('a secret %s is not logged', (_where, object) => {
  const text = logged((logger) => logger.info(object, 'something'));
  expect(text).toContain('[redacted]');
  expect(text).not.toContain('hunter2');
});

test('of a failed statement the error is logged, its data is not', () => {
  const cause = Object.assign(new Error('duplicate key'), {
    parameters: ['alice@example.com', '$argon2id$hash'],
    query: "INSERT INTO accounts VALUES ('alice@example.com')",
    driverError: { detail: 'Key (email)=(alice@example.com) already exists.' },
    code: '23505',
  });
  const text = logged((logger) => logger.error({ err: cause }, 'failed'));
  expect(text).toContain('duplicate key');
  expect(text).toContain('23505');
  expect(text).not.toMatch(/alice|argon2id/);
});

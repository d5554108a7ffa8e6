import { ConfigError, loadConfig } from '@orion/platform/config';
import { configSchema } from './config.js';

const complete = {
  DATABASE_URL: 'postgres://localhost/notification',
  BUS_DATABASE_URL: 'postgres://localhost/bus',
  ORION_CONTEXT_SECRET: 'x'.repeat(32),
  ORION_SEALING_KEY: Buffer.alloc(32).toString('base64'),
};
const problemsOf = (environment: Readonly<Record<string, string>>): readonly string[] => {
  try {
    loadConfig(configSchema, { ...complete, ...environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

test('outside of demo mode a mail server and a sender are needed', () => {
  expect(problemsOf({})).toEqual([
    'SMTP_URL: needed to send mails, unless ORION_DEMO=true',
    'MAIL_FROM: needed to send mails, unless ORION_DEMO=true',
  ]);
  expect(problemsOf({ ORION_DEMO: 'true' })).toEqual([]);
  expect(problemsOf({ SMTP_URL: 'smtps://user:secret@mail.example', MAIL_FROM: 'no-reply@orion.example' })).toEqual([]);
});

test('a sender is one address, with or without a name', () => {
  const SMTP_URL = 'smtp://localhost:25';
  expect(problemsOf({ SMTP_URL, MAIL_FROM: 'ORION \u{1f680} <no-reply@orion.example>' })).toEqual([]);
  for (const MAIL_FROM of [
    'no-reply',
    'a@b.c, d@e.f',
    'x\r\nBcc: eve@example.com <a@b.c>',
    'A <a@b.c',
    '"A" <a@b.c>',
  ]) {
    expect(problemsOf({ SMTP_URL, MAIL_FROM })).toEqual([
      'MAIL_FROM: an address, or a name and an address: ORION <no-reply@example.com>',
    ]);
  }
  expect(problemsOf({ SMTP_URL: 'http://localhost', MAIL_FROM: 'a@b.c' })).toHaveLength(1);
});

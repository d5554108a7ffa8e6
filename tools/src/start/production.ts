import { Problem } from '../problem/index.js';

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

/** What a demo makes up for itself, and production has to be told. */
const REQUIRED: Readonly<Record<string, string>> = {
  DATABASE_URL: 'superuser URL of the Postgres server (the embedded one is for trying out)',
  ORION_CONTEXT_SECRET: 'at least 32 characters: openssl rand -base64 32',
  ORION_SEALING_KEY: '32 bytes in base64: openssl rand -base64 32',
  PUBLIC_URL: 'where clients reach the gateway, such as https://api.example.org',
  SMTP_URL: 'the mail server, such as smtps://user:password@mail.example.org',
  MAIL_FROM: 'sender of all mails',
};

/** With NODE_ENV=production, throws a Problem that names every missing variable. */
export function refuseProductionDefaults(environment: Readonly<Record<string, string | undefined>>): void {
  if (environment['NODE_ENV'] !== 'production') return;
  const missing = Object.entries(REQUIRED).filter(([name]) => (environment[name] ?? '') === '');
  if (missing.length === 0) return;
  throw new Problem('NODE_ENV=production: embedded Postgres, demo accounts and generated secrets are refused.', {
    exitCode: EXIT_CONFIG,
    advice: [...missing.map(([name, what]) => `Set ${name}: ${what}.`), 'Or unset NODE_ENV to run the demo.'],
  });
}

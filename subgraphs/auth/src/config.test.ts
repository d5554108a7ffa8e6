import { randomBytes } from 'node:crypto';
import { loadConfig } from '@orion/platform/config';
import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import { configSchema } from './config.js';

const load = (seconds: number, settings: Readonly<Record<string, string>> = {}) =>
  loadConfig(configSchema, {
    NODE_ENV: 'test',
    DATABASE_URL: 'postgres://localhost/auth',
    BUS_DATABASE_URL: 'postgres://localhost/bus',
    ORION_CONTEXT_SECRET: randomBytes(32).toString('base64'),
    ORION_SEALING_KEY: randomBytes(32).toString('base64'),
    ACCESS_TOKEN_SECONDS: String(seconds),
    ...settings,
  });

test('no access token outlives the memory of what was revoked', () => {
  expect(load(LONGEST_ACCESS_TOKEN_SECONDS).ACCESS_TOKEN_SECONDS).toBe(LONGEST_ACCESS_TOKEN_SECONDS);
  expect(() => load(LONGEST_ACCESS_TOKEN_SECONDS + 1)).toThrow('ACCESS_TOKEN_SECONDS');
});

test('pages that passkeys are used on are origins, with commas', () => {
  const origins = (list: string) => load(60, { PASSKEY_ORIGINS: list }).PASSKEY_ORIGINS;
  expect(origins('https://app.example.org, http://localhost:5173')).toEqual([
    'https://app.example.org',
    'http://localhost:5173',
  ]);
  for (const list of ['app.example.org', 'https://app.example.org/', 'https://app.example.org,', 'javascript:alert(1)'])
    expect(() => origins(list)).toThrow('PASSKEY_ORIGINS');
});

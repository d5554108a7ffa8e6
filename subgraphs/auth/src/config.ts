import { subgraphConfigSchema } from '@orion/platform/config';
import type { SharedSubgraphConfig } from '@orion/platform/config';
import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import { z } from 'zod';

const MINUTE = 60;
const DAY = 86_400;

/** The environment of the auth subgraph. Times are in seconds. */
export const configSchema = subgraphConfigSchema(4001, {
  JWT_AUDIENCE: z.string().default('orion').describe('audience of access tokens'),
  ACCESS_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(30)
    .max(LONGEST_ACCESS_TOKEN_SECONDS)
    .default(15 * MINUTE)
    .describe('life of an access token'),
  REFRESH_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(7 * DAY)
    .describe('life of a refresh token that is not used'),
  SESSION_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(30 * DAY)
    .describe('longest life of a session, however often it is refreshed'),
  MAX_SESSIONS_PER_USER: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('sessions that somebody may have at once; the oldest ends when there would be more'),
  SIGNING_KEY_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(90)
    .describe('days after which another key signs access tokens'),
  OAUTH_REDIRECT_URIS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((uri) => uri.trim())
        .filter((uri) => uri !== ''),
    )
    .refine((uris) => uris.every((uri) => URL.canParse(uri)), 'addresses, with commas between them')
    .describe('where providers may send people back to: addresses of your pages, exactly, with commas between them'),
  OAUTH_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(30_000)
    .default(5_000)
    .describe('longest wait for an answer of a provider'),
  OAUTH_GOOGLE_CLIENT_ID: z.string().optional().describe('client id at Google; it is offered when this is set'),
  OAUTH_GOOGLE_CLIENT_SECRET: z.string().optional().describe('secret of OAUTH_GOOGLE_CLIENT_ID'),
  OAUTH_GOOGLE_ISSUER: z
    .url({ protocol: /^https?$/ })
    .default('https://accounts.google.com')
    .describe('issuer of OpenID Connect; another provider than Google can be in its place'),
  OAUTH_GITHUB_CLIENT_ID: z.string().optional().describe('client id at GitHub; it is offered when this is set'),
  OAUTH_GITHUB_CLIENT_SECRET: z.string().optional().describe('secret of OAUTH_GITHUB_CLIENT_ID'),
  OAUTH_GITHUB_ISSUER: z
    .url({ protocol: /^https?$/ })
    .default('https://github.com')
    .describe('what identities at GitHub are known by, and what `iss` has to be when it comes back'),
  OAUTH_GITHUB_AUTHORIZATION_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://github.com/login/oauth/authorize')
    .describe('where people sign in at GitHub'),
  OAUTH_GITHUB_TOKEN_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://github.com/login/oauth/access_token')
    .describe('where codes of GitHub are exchanged'),
  OAUTH_GITHUB_API_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://api.github.com')
    .describe('API of GitHub, which tells who somebody is'),
  TRUSTED_DEVICE_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .max(90 * DAY)
    .default(30 * DAY)
    .describe('how long no second factor is asked for on a device that is trusted'),
  MFA_ISSUER: z.string().min(1).max(60).default('ORION').describe('what authenticators call this platform'),
  PASSKEY_RP_ID: z
    .string()
    .min(1)
    .optional()
    .describe('domain that passkeys belong to; default: the host of PUBLIC_URL'),
  PASSKEY_ORIGINS: z
    .string()
    .min(1)
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), {
      error: 'is not a list of origins such as https://app.example.org',
    })
    .optional()
    .describe('origins of the pages that passkeys are used on, with commas; default: that of PUBLIC_URL'),
  HASH_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('passwords hashed at once; default: one a core'),
  PASSWORD_ALGO: z
    .enum(['argon2id', 'bcrypt'])
    .default('argon2id')
    .describe('hash of new passwords; others are still checked, and made anew when their owner signs in'),
  BCRYPT_COST: z.coerce.number().int().min(10).max(16).default(12).describe('cost of bcrypt: each one more doubles it'),
  PASSWORD_MIN_LENGTH: z.coerce
    .number()
    .int()
    .min(8)
    .max(64)
    .default(8)
    .describe('fewest characters of a password; 15 where it is the only factor, by NIST SP 800-63B'),
  LOGIN_FAILURES_PER_NETWORK: z.coerce
    .number()
    .int()
    .min(5)
    .max(1_000_000)
    .default(100)
    .describe('wrong passwords from an IPv4 address or IPv6 /64 network in 15 minutes; then its logins are refused'),
});

export type AuthConfig = SharedSubgraphConfig & z.infer<typeof configSchema>;

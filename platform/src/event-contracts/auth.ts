import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { code, displayName, email, id, instant, locale } from './fields.js';
import { authDataExported } from './person.js';

const userId = () => id('Id of the user.');
const sessionId = () => id('Id of the session.');
const byUser = ({ userId: key }: { readonly userId: string }) => key;

const askedLocale = () =>
  locale().nullable().describe('Language that the request asked for, a BCP 47 tag; null when it named none.');

/** A person signed up; the account is not verified yet. */
export const userRegistered = defineEvent({
  type: 'dev.orion.user.registered.v1',
  owner: 'auth',
  description: 'A person signed up. The email address is not verified yet.',
  schema: z.object({
    userId: userId(),
    email: email(),
    displayName: displayName(),
    locale: locale(),
    verificationToken: z
      .string()
      .nullable()
      .describe(
        'One-time token for the verification link, sealed with the platform key, never plain; null when none is needed.',
      ),
  }),
  key: byUser,
});

/** The address of an account is to be proved once more: an earlier mail got lost, or somebody registered again. */
export const userVerificationRequested = defineEvent({
  // In parts, because TypeScript takes the first `.v` of a literal for the version and finds no number behind it.
  type: `dev.orion.${'user.verification_requested' as string}.v1`,
  owner: 'auth',
  description:
    'A mail to verify the address is wanted once more. The token replaces all earlier ones of the user, which work no more.',
  schema: z.object({
    userId: userId(),
    email: email(),
    locale: askedLocale(),
    verificationToken: z
      .string()
      .describe('One-time token for the verification link, sealed with the platform key, never plain.'),
  }),
  key: byUser,
});

/** Somebody wanted to register an address whose account is verified. Nothing about the account changed. */
export const userRegistrationRepeated = defineEvent({
  type: 'dev.orion.user.registration_repeated.v1',
  owner: 'auth',
  description:
    'Somebody asked to register or to verify an address that has a verified account already. Nothing changed.',
  schema: z.object({ userId: userId(), email: email(), locale: askedLocale() }),
  key: byUser,
});

const sealed = (what: string) => z.string().describe(`${what}, sealed with the platform key, never plain.`);
const noLocale = () =>
  locale().nullable().describe('Language that is wanted, a BCP 47 tag; null when only the profile knows it.');

/** Somebody wants to set a password anew, and who has the mail of the account may. */
export const userPasswordResetRequested = defineEvent({
  type: `dev.orion.${'user.password_reset_requested' as string}.v1`,
  owner: 'auth',
  description:
    'A mail with a link to set the password anew is wanted. Its token replaces all earlier ones of the user.',
  schema: z.object({
    userId: userId(),
    email: email(),
    locale: noLocale(),
    resetToken: sealed('One-time token for the link'),
    expiresAt: instant('When the token stops working.'),
  }),
  key: byUser,
});

/** Somebody who is signed in wants another address. */
export const userEmailChangeRequested = defineEvent({
  type: `dev.orion.${'user.email_change_requested' as string}.v1`,
  owner: 'auth',
  description: 'A user wants another address: it is to be proved there, and the present one is to be told.',
  schema: z.object({
    userId: userId(),
    email: email().describe('The present address.'),
    newEmail: email().describe('The address that is wanted, as the user typed it; it may have an account of its own.'),
    locale: noLocale(),
    changeToken: sealed('One-time token for the link'),
    expiresAt: instant('When the token stops working.'),
  }),
  key: byUser,
});

/** The address of an account is another one. */
export const userEmailChanged = defineEvent({
  type: `dev.orion.${'user.email_changed' as string}.v1`,
  owner: 'auth',
  description: 'A user has another address, which is proved. Whoever keeps a copy replaces it.',
  schema: z.object({ userId: userId(), email: email() }),
  key: byUser,
});

/** Too many wrong passwords: none is tried for a while. */
export const userAccountLocked = defineEvent({
  type: `dev.orion.${'user.account_locked' as string}.v1`,
  owner: 'auth',
  description:
    'After too many wrong passwords none is tried for a while; who has the mail of the account can end that.',
  schema: z.object({
    userId: userId(),
    email: email(),
    locale: noLocale(),
    unlockToken: sealed('One-time token for the link'),
    lockedUntil: instant('Until when passwords are not tried.'),
  }),
  key: byUser,
});

/** Somebody wants to sign in with a code from a mail. */
export const userLoginCodeRequested = defineEvent({
  type: `dev.orion.${'user.login_code_requested' as string}.v1`,
  owner: 'auth',
  description: 'A mail with a code to sign in is wanted. The code replaces all earlier ones of the user.',
  schema: z.object({
    userId: userId(),
    email: email(),
    locale: noLocale(),
    code: sealed('The code'),
    expiresAt: instant('When the code stops working.'),
  }),
  key: byUser,
});

/** Somebody signed in. */
export const userLogin = defineEvent({
  type: 'dev.orion.user.login.v1',
  owner: 'auth',
  description: 'A user signed in and a session began.',
  schema: z.object({
    userId: userId(),
    sessionId: sessionId(),
    deviceId: id('Id of the device, stable across sessions of one browser or app.'),
    isNewDevice: z.boolean().describe('True when the user had never signed in on this device.'),
    ip: z.string().max(45).nullable().describe('Address of the client, IPv4 or IPv6; null when unknown.'),
    userAgent: z.string().max(1_000).nullable().describe('User-Agent header of the client; null when it sent none.'),
  }),
  key: byUser,
});

/** Somebody signed out. */
export const userLogout = defineEvent({
  type: 'dev.orion.user.logout.v1',
  owner: 'auth',
  description: 'A user signed out of a session.',
  schema: z.object({ userId: userId(), sessionId: sessionId() }),
  key: byUser,
});

/** A password was set anew. */
export const userPasswordReset = defineEvent({
  type: 'dev.orion.user.password_reset.v1',
  owner: 'auth',
  description: 'A user set a new password with a reset token.',
  schema: z.object({ userId: userId() }),
  key: byUser,
});

/** A session ended before its time: its access tokens must be refused from now on. */
export const sessionRevoked = defineEvent({
  type: 'dev.orion.session.revoked.v1',
  owner: 'auth',
  description: 'A session was ended: its access tokens must be refused from now on.',
  schema: z.object({
    userId: userId(),
    sessionId: sessionId(),
    reason: z
      .string()
      .min(1)
      .max(100)
      .describe('Why, as a stable code, for example "logout", "password_reset" or "token_reuse".'),
  }),
  key: byUser,
});

/** Something about an account or about many of them looks like an attack. */
export const suspiciousActivityDetected = defineEvent({
  type: 'dev.orion.security.suspicious_activity.v1',
  owner: 'auth',
  description: 'Something looks like an attack: on the account of a user, or from an address when no account is known.',
  schema: z.object({
    userId: z.string().min(1).max(200).nullable().describe('Id of the user concerned; null when it is no one account.'),
    sessionId: z.string().min(1).max(200).nullable().describe('Id of the session concerned; null when there is none.'),
    kind: code('What was seen, as a stable code, for example "credential_stuffing" or "refresh_token_reuse".'),
    severity: z.enum(['low', 'medium', 'high']).describe('How much it matters that somebody looks at it.'),
    ip: z.string().max(45).nullable().describe('Address of the client, IPv4 or IPv6; null when unknown.'),
    userAgent: z.string().max(1_000).nullable().describe('User-Agent header of the client; null when it sent none.'),
  }),
  key: ({ userId: user, ip }) => user ?? ip ?? 'unknown',
});

/** Something that concerns the safety of an account was written down. */
export const securityEventRecorded = defineEvent({
  type: `dev.orion.${'security.event_recorded' as string}.v1`,
  owner: 'auth',
  description: 'Something that concerns the safety of an account, or of many, was written down; its owner should know.',
  schema: z.object({
    securityEventId: id('Id of the record.'),
    userId: z.string().min(1).max(200).nullable().describe('Id of the user concerned; null when it is no one account.'),
    kind: code('What happened, as a stable code, for example "password_changed" or "two_factor_disabled".'),
    severity: z.enum(['low', 'medium', 'high']).describe('How much it matters that somebody looks at it.'),
    sessionId: z.string().min(1).max(200).nullable().describe('Id of the session concerned; null when there is none.'),
    deviceId: z.string().min(1).max(200).nullable().describe('Id of the device concerned; null when there is none.'),
    ip: z.string().max(45).nullable().describe('Address of the client, IPv4 or IPv6; null when unknown.'),
    userAgent: z.string().max(1_000).nullable().describe('User-Agent header of the client; null when it sent none.'),
    actorId: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .describe('Id of who did it, when that was not the owner of the account; null otherwise.'),
    details: z.record(z.string(), z.unknown()).describe('What else is to be known of this kind. No secrets.'),
    occurredAt: instant('When it happened.'),
  }),
  key: ({ userId: user, securityEventId }) => user ?? securityEventId,
});

/** Everything that auth publishes. */
export const authEvents = [
  userRegistered,
  userVerificationRequested,
  userRegistrationRepeated,
  userPasswordResetRequested,
  userEmailChangeRequested,
  userEmailChanged,
  userAccountLocked,
  userLoginCodeRequested,
  userLogin,
  userLogout,
  userPasswordReset,
  sessionRevoked,
  suspiciousActivityDetected,
  securityEventRecorded,
  authDataExported,
] as const;

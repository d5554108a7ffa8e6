import { oneLine } from '../mail/mail-content.js';

/** A sign-in that is told of. */
export interface SignIn {
  /** ISO 8601. */
  readonly at: string;
  readonly sessionId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** The same words in the inbox and in the mail. */
export function newDeviceText({ at, sessionId, ip, userAgent }: SignIn): {
  readonly title: string;
  readonly body: string;
} {
  const device = userAgent === null ? 'an unknown device' : oneLine(userAgent);
  return {
    title: 'New sign-in to your account',
    body: [
      'Somebody signed in to your account on a device that was not used before.',
      [
        `When: ${at}`,
        `Device: ${device}`,
        `Address: ${ip === null ? 'unknown' : oneLine(ip)}`,
        `Session: ${oneLine(sessionId)}`,
      ].join('\n'),
      'If this was you, there is nothing to do. If not, end that session with the revokeSession mutation, or all of your ' +
        'sessions but the one you are using with logout and the scope OTHERS.',
    ].join('\n\n'),
  };
}

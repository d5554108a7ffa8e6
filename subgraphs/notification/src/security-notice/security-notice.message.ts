import { oneLine } from '../mail/mail-content.js';

/** What happened to an account, for its owner to know. */
export interface SecurityNotice {
  /** Code of the kind. */
  readonly kind: string;
  /** ISO 8601. */
  readonly at: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Somebody else did it: an operator. From where is not the owner's business. */
  readonly isByOther: boolean;
}

interface Words {
  readonly title: string;
  readonly what: string;
  /** False when a mail of its own tells it already. */
  readonly mail?: false;
}

const HELP = 'If not, change your password now: that ends all other sessions.';

/** The kinds that their owner is told of. Of what is not here there is a record, and no notice. */
const KINDS: Readonly<Record<string, Words>> = {
  password_changed: { title: 'Your password was changed', what: 'The password of your account was changed.' },
  password_reset: {
    title: 'Your password was set anew',
    what: 'The password of your account was set anew with a link from a mail. All sessions have ended.',
  },
  password_reset_required: {
    title: 'Set a new password',
    what: 'An operator made your password unusable. A link to set another one is mailed to you.',
  },
  // Its mail goes to the address that was left.
  email_changed: {
    title: 'Your e-mail address was changed',
    what: 'Your account has another e-mail address.',
    mail: false,
  },
  two_factor_enabled: {
    title: 'A second factor is asked for',
    what: 'From now on a second factor is asked for when somebody signs in to your account.',
  },
  two_factor_disabled: {
    title: 'No second factor is asked for any more',
    what: 'The second factor of your account was taken away: the first one is enough to sign in.',
  },
  two_factor_locked: {
    title: 'Too many wrong codes',
    what: 'Somebody who knows the first factor of your account gave too many wrong codes. None is taken for a while.',
  },
  backup_codes_regenerated: {
    title: 'You have new backup codes',
    what: 'New backup codes were made for your account; the old ones stopped working.',
  },
  backup_code_used: { title: 'A backup code was used', what: 'One of the backup codes of your account was used up.' },
  device_trusted: {
    title: 'A device is trusted',
    what: 'On a device that you use no second factor is asked for during the next weeks.',
  },
  device_revoked: {
    title: 'A device was removed',
    what: 'A device was removed from your account; its sessions ended.',
  },
  passkey_added: { title: 'A passkey was added', what: 'A passkey was added to your account: it lets its holder in.' },
  passkey_removed: { title: 'A passkey was removed', what: 'A passkey was removed from your account.' },
  passkey_clone_suspected: {
    title: 'A passkey may have been copied',
    what: 'A passkey of your account was used in a way that shows a copy of it. It was refused; remove it.',
  },
  identity_linked: {
    title: 'A provider was linked',
    what: 'From now on you can sign in to your account with an identity at another provider.',
  },
  identity_unlinked: { title: 'A provider was unlinked', what: 'An identity at another provider was unlinked.' },
  refresh_token_reused: {
    title: 'A session was ended for your safety',
    what: 'A token of one of your sessions was used twice: somebody may have copied it. The session was ended.',
  },
  sessions_revoked: { title: 'Your sessions were ended', what: 'An operator ended sessions of your account.' },
  // Its mail has a link to end it.
  account_locked: {
    title: 'Your account rests after wrong passwords',
    what: 'Too many wrong passwords were given. For a quarter of an hour none is tried, except on devices you used before.',
    mail: false,
  },
  account_disabled: { title: 'Your account was closed', what: 'An operator closed your account: nobody can sign in.' },
  account_enabled: { title: 'Your account is open again', what: 'Your account was opened again: you can sign in.' },
  impersonation_started: {
    title: 'An operator looks at your account',
    what: 'An operator of this platform looks at your account as you would see it. They can read, and change nothing.',
  },
  impersonation_ended: { title: 'An operator stopped looking', what: 'An operator stopped looking at your account.' },
};

/** The same words in the inbox and in the mail; null for a kind that nobody is told of. */
export function securityNoticeText({
  kind,
  at,
  ip,
  userAgent,
  isByOther,
}: SecurityNotice): { readonly title: string; readonly body: string; readonly isMailed: boolean } | null {
  const words = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (words === undefined) return null;
  const from = [
    `Device: ${userAgent === null ? 'unknown' : oneLine(userAgent)}`,
    `Address: ${ip === null ? 'unknown' : oneLine(ip)}`,
  ];
  const body = [
    words.what,
    [`When: ${at}`, ...(isByOther ? [] : from)].join('\n'),
    ...(isByOther ? [] : [`If this was you, there is nothing to do. ${HELP}`]),
  ];
  return { title: words.title, body: body.join('\n\n'), isMailed: words.mail !== false };
}

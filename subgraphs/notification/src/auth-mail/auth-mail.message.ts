import type { MailContent } from '../mail/mail-content.js';

/** A mail that auth asks for. */
export interface AuthMail {
  /** Of the notification. */
  readonly type: string;
  /** What stands for the mail in lists, without what is secret. */
  readonly title: string;
  readonly body: string;
  readonly paragraphs: readonly string[];
}

/** A mail with a link to a page of the gateway. */
export interface LinkMail extends AuthMail {
  /** Path of the page. */
  readonly page: string;
  readonly label: string;
}

export const passwordResetMail: LinkMail = {
  type: 'PASSWORD_RESET',
  title: 'Set your password anew',
  body: 'A link to set your password anew was mailed to you.',
  paragraphs: [
    'Somebody asked to set the password of your account at ORION anew. If it was you, open the link below within half ' +
      'an hour. Only the latest link works, and it works once. If it was not you, do not open it: nothing has changed.',
    'All your sessions end when the password is set. Instead of opening the link, its token can be sent with the ' +
      'resetPassword mutation.',
  ],
  page: '/reset-password',
  label: 'Set my password',
};

/** To the address that is wanted, which nobody proved yet: nothing that anybody typed is in it. */
export const emailChangeMail: LinkMail = {
  type: 'EMAIL_CHANGE',
  title: 'Confirm your new e-mail address',
  body: 'A link to confirm your new address was mailed there.',
  paragraphs: [
    'Somebody asked to use this address for their account at ORION. If it was you, open the link below within an hour ' +
      'to confirm that the address is yours. Only the latest link works. If it was not you, do not open it.',
    'Instead of opening the link, its token can be sent with the confirmEmailChange mutation.',
  ],
  page: '/confirm-email-change',
  label: 'Use this address',
};

/** To the present address. */
export const emailChangeNotice: AuthMail = {
  type: 'EMAIL_CHANGE_REQUESTED',
  title: 'Another e-mail address is wanted for your account',
  body: 'Somebody who is signed in to your account asked for another e-mail address.',
  paragraphs: [
    'Somebody who is signed in to your account at ORION asked to use another e-mail address. It counts as soon as it is ' +
      'confirmed there.',
    'If this was you, there is nothing to do here. If not, change your password now: that ends all other sessions and ' +
      'stops the change.',
  ],
};

/** To the address that was the account's until now. */
export const emailChangedNotice: AuthMail = {
  type: 'EMAIL_CHANGED',
  title: 'Your account has another e-mail address',
  body: 'The e-mail address of your account was changed.',
  paragraphs: [
    'Your account at ORION has another e-mail address from now on. This is the last mail to this one.',
    'If this was not you, ask the operators of this platform for help.',
  ],
};

export const accountLockedMail: LinkMail = {
  type: 'ACCOUNT_LOCKED',
  title: 'Your account rests after wrong passwords',
  body: 'A link to have passwords tried again at once was mailed to you.',
  paragraphs: [
    'Somebody gave wrong passwords for your account at ORION, too many for a short time. For a quarter of an hour no ' +
      'password is tried, except on devices that you signed in on before.',
    'If it was you, open the link below to try again at once. If it was not you, there is nothing to do: nobody got in.',
    'Instead of opening the link, its token can be sent with the unlockAccount mutation.',
  ],
  page: '/unlock-account',
  label: 'Try passwords again',
};

/** The code is added where it belongs. */
export const loginCodeMail: AuthMail = {
  type: 'LOGIN_CODE',
  title: 'Your code to sign in',
  body: 'A code to sign in was mailed to you.',
  paragraphs: [
    'Somebody wants to sign in to your account at ORION with a code. If it was you, use it where you asked for it; it ' +
      'works once, and only the latest one does. Nobody will ever ask you for it.',
    'If it was not you, there is nothing to do.',
  ],
};

/** The mail with its link; the token is in the search of it. */
export function linkContent(
  mail: LinkMail,
  { publicUrl, token }: { readonly publicUrl: string; readonly token: string },
): MailContent {
  const url = new URL(`${publicUrl}${mail.page}`);
  url.searchParams.set('token', token);
  return { subject: mail.title, paragraphs: mail.paragraphs, link: { label: mail.label, url } };
}

/** The mail with its code, after the first paragraph. */
export function codeContent(mail: AuthMail, code: string): MailContent {
  const [first = '', ...rest] = mail.paragraphs;
  return { subject: mail.title, paragraphs: [first, code, ...rest] };
}

export function plainContent({ title, paragraphs }: AuthMail): MailContent {
  return { subject: title, paragraphs };
}

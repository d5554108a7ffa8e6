import type { MailContent } from '../mail/mail-content.js';

/** What stands for the mail in lists: without the link, which is for the mail alone. */
export const verificationText = {
  title: 'Confirm your e-mail address',
  body: 'A link to confirm your address was mailed to you.',
} as const;

/** The mail with the link that proves the address. Nothing that anybody typed is in it: it goes to an unproved address. */
export function verificationMail(link: URL): MailContent {
  return {
    subject: verificationText.title,
    paragraphs: [
      'Somebody registered at ORION with this address. If it was you, open the link below within a day to confirm that ' +
        'the address is yours. Only the latest link works. If it was not you, do not open it.',
      'Instead of opening the link, its token can be sent with the verifyEmail mutation.',
    ],
    link: { label: 'Confirm my address', url: link },
  };
}

/** The same words in lists and in the mail to somebody whose address is proved. */
export const registrationRepeatedText = {
  title: 'You already have an account',
  body: [
    'Somebody asked to register at ORION with this address. It has an account already, and nothing was changed.',
    'If it was you, sign in with the password of your account. If it was not you, there is nothing to do.',
  ].join('\n\n'),
} as const;

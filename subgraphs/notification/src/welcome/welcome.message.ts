import { oneLine } from '../mail/mail-content.js';
import type { MailContent } from '../mail/mail-content.js';

/** What is told in the inbox. */
export function welcomeText(displayName: string): { readonly title: string; readonly body: string } {
  return {
    title: `Welcome to ORION, ${oneLine(displayName)}`,
    body: 'Your account is open. Notifications like this one will find you here.',
  };
}

/** What stands for the mail in lists: without the link, which is for the mail alone. */
export const verificationText = {
  title: 'Confirm your e-mail address',
  body: 'A link to confirm your address was mailed to you.',
} as const;

/** The mail with the link that proves the address. */
export function verificationMail(displayName: string, { link }: { readonly link: URL }): MailContent {
  return {
    subject: verificationText.title,
    paragraphs: [
      `Hello ${oneLine(displayName)},`,
      'welcome to ORION. Open this link within a day to confirm that this address is yours:',
    ],
    link: { label: 'Confirm my address', url: link },
  };
}

import { oneLine } from '../mail/mail-content.js';

/** What is told in the inbox. */
export function welcomeText(displayName: string): { readonly title: string; readonly body: string } {
  return {
    title: `Welcome to ORION, ${oneLine(displayName)}`,
    body: 'Your account is open. Notifications like this one will find you here.',
  };
}

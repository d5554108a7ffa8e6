/** What auth mails: type of the event, the field with the secret, and the purpose of its seal. */
export const MAILED = {
  verify: ['user.registered', 'verificationToken', 'mail:verify-email'],
  reset: ['user.password_reset_requested', 'resetToken', 'mail:password-reset'],
  change: ['user.email_change_requested', 'changeToken', 'mail:email-change'],
  unlock: ['user.account_locked', 'unlockToken', 'mail:unlock-account'],
} as const;
export type MailedKind = keyof typeof MAILED;

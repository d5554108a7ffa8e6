/** One answer for every reason that must not be told apart before the first factor is right. */
export const signInErrors = {
  INVALID_CREDENTIALS: 'The e-mail address or the password is wrong, or there were too many attempts. Try again later.',
  EMAIL_NOT_VERIFIED: 'Verify your e-mail address first: open the link that was mailed to you.',
  ACCOUNT_DISABLED: 'The account is closed. Ask the operators of this platform.',
} as const;

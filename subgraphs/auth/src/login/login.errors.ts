/** One answer for every reason that must not be told apart before the password is right. */
export const loginErrors = {
  INVALID_CREDENTIALS: 'The e-mail address or the password is wrong, or there were too many attempts. Try again later.',
  EMAIL_NOT_VERIFIED: 'Verify your e-mail address first: open the link that was mailed to you.',
} as const;

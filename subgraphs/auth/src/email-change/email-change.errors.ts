export const emailChangeErrors = {
  EMAIL_UNCHANGED: 'This is the address that you have already.',
  EMAIL_TAKEN: 'Meanwhile another account has this address. Sign in to that one, or choose another address.',
} as const;

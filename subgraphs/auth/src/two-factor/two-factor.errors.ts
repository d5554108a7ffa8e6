export const twoFactorErrors = {
  CODE_MALFORMED: 'A code of an authenticator app is six digits 0 to 9; a backup code is twelve letters and digits.',
  INVALID_CODE: 'The code is wrong, too old, or was used already. Wait for the next one.',
  TOO_MANY_ATTEMPTS: 'There were too many wrong codes. No code is taken for 15 minutes.',
  MFA_NOT_ENABLED: 'No second factor is set up. Begin with startTotpEnrollment.',
  ENROLLMENT_NOT_STARTED: 'No enrolment waits for a code, or it is too old. Begin again with startTotpEnrollment.',
  SECOND_FACTOR_REQUIRED: 'Give your second factor in this session first: use reauthenticate.',
} as const;

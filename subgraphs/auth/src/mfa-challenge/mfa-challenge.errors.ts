export const mfaChallengeErrors = {
  INVALID_CHALLENGE: 'The challenge is over: it was used, had too many wrong codes, or is too old. Sign in again.',
} as const;

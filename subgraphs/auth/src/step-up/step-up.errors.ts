export const stepUpErrors = {
  PROOF_MISSING: 'Give your password, a code of your second factor, or the answer of a passkey.',
} as const;

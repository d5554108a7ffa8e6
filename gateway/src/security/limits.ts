/** What one operation may be at most. */
export interface OperationLimits {
  /** Tokens of the document; the parser stops there. */
  readonly tokens: number;
  /** Nesting of fields; introspection fields do not count. */
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  /** Fields, with a fragment's fields counted at every use of it. */
  readonly selections: number;
  readonly directives: number;
  /** Fields that the answer may have, by the sizes of the pages that are asked for. */
  readonly nodes: number;
  /** Cost by the weights of `@cost`; without effect in a graph that has none. */
  readonly cost: number;
}

/** Wide enough for the operations of a large application, narrow enough that one request is no attack. */
export const STANDARD_LIMITS: OperationLimits = {
  tokens: 5_000,
  depth: 20,
  aliases: 50,
  rootFields: 20,
  selections: 2_000,
  directives: 50,
  nodes: 10_000,
  cost: 10_000,
};

/**
 * Comparisons of repeated fields that validating a document may take: some 20 ms. A document that repeats a field a
 * hundred times for good reasons takes 5,000.
 */
export const MOST_COMPARISONS = 50_000;

/**
 * Root fields that check a secret, send a mail or do heavy work: repeated under aliases, they would be a way to guess
 * the secret, to flood the inbox or to keep a processor busy.
 */
export const SENSITIVE_FIELDS: readonly string[] = [
  'login',
  'loginWithCode',
  'requestLoginCode',
  'completeMfa',
  'startPasskeyLogin',
  'finishPasskeyLogin',
  'startOAuth',
  'completeOAuth',
  'refreshTokens',
  'reauthenticate',
  'register',
  'verifyEmail',
  'resendVerification',
  'requestPasswordReset',
  'resetPassword',
  'changePassword',
  'unlockAccount',
  'requestEmailChange',
  'confirmEmailChange',
  'confirmTotpEnrollment',
  'disableTwoFactor',
  'regenerateBackupCodes',
  'finishPasskeyRegistration',
  'uploadAvatar',
  'requestDataExport',
  'requestAccountDeletion',
];

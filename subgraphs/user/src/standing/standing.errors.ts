export const standingErrors = {
  USER_NOT_BELOW_YOU: 'You can only do this to somebody whose highest role is below yours.',
  DELETION_NOT_REQUESTED: 'The deletion of your account was not asked for.',
} as const;

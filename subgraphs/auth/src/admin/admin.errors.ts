export const adminErrors = {
  USER_NOT_FOUND: 'There is no such user.',
  USER_NOT_BELOW_YOU: 'You can only do this to somebody whose highest role is below yours.',
  NOTHING_TO_DO: 'It is so already.',
  REASON_INVALID: 'Say why, in at most 500 characters.',
} as const;

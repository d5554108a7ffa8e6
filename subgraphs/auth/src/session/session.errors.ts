export const sessionErrors = {
  INVALID_REFRESH_TOKEN: 'This refresh token is used up, too old or unknown. Sign in again.',
  SESSION_NOT_FOUND: 'There is no such session among yours.',
} as const;

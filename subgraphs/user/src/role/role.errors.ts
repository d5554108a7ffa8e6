export const roleErrors = {
  USER_NOT_FOUND: 'There is no such user.',
  ROLE_NOT_FOUND: 'There is no role of this name.',
  ROLE_LEVEL_TOO_HIGH: 'You can only give or take roles whose level is not above that of your own highest role.',
  LAST_ADMIN: 'This is the last administrator: make somebody else one first.',
} as const;

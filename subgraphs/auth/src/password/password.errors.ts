export const passwordErrors = {
  PASSWORD_TOO_SHORT: 'Use more characters: at least as many as the query passwordPolicy says.',
  PASSWORD_TOO_LONG: 'Use fewer characters: at most as many as the query passwordPolicy says.',
  PASSWORD_TOO_SIMILAR:
    'Choose a password that is not made of your e-mail address, your name or the name of this product.',
  PASSWORD_COMPROMISED: 'This password is known from leaks, and is among the first that anybody would guess.',
  PASSWORD_UNCHANGED: 'This is the password that you have already.',
  WRONG_PASSWORD: 'This is not your current password.',
} as const;

export const registrationErrors = {
  EMAIL_INVALID: 'This is not an e-mail address that mail can be sent to.',
  DISPLAY_NAME_INVALID: 'A display name has 1 to 80 visible characters.',
  LOCALE_INVALID: 'A locale is a language tag such as en or de-CH (BCP 47).',
  INVALID_TOKEN: 'This link was used already, is too old, or is not complete. Ask for a new one.',
} as const;

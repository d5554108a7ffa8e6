export const profileErrors = {
  DISPLAY_NAME_INVALID: 'A display name has 1 to 80 visible characters.',
  USERNAME_INVALID:
    'A user name has 3 to 30 letters a to z, digits, dots, hyphens or underscores, and begins and ends with a letter or digit.',
  USERNAME_TAKEN: 'Somebody else has this user name.',
  BIO_INVALID: 'A biography has at most 500 characters, line breaks but no other control characters.',
  LOCALE_INVALID: 'A locale is a language tag such as en or de-CH (BCP 47).',
  TIMEZONE_INVALID: 'A time zone is a name of the IANA database such as Europe/Berlin.',
  PROFILE_CHANGED: 'The profile was changed since you read it. Read it again and decide anew.',
} as const;

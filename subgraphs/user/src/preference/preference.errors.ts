export const preferenceErrors = {
  NAMESPACE_INVALID:
    'A namespace has 1 to 64 letters a to z, digits, dots, hyphens or underscores, and begins with a letter; there are at most 50.',
  PREFERENCES_INVALID: 'Preferences are a JSON object of at most 16 KiB and 32 levels, without keys such as __proto__.',
  PREFERENCES_CHANGED: 'The preferences were changed since you read them. Read them again and decide anew.',
} as const;

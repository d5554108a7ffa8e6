export const exportErrors = {
  TOO_MANY_EXPORTS: 'You have asked for several copies of your data today already: fetch one of them, or wait a day.',
} as const;

export const trackErrors = {
  TOO_MANY_EVENTS: 'Send at most 500 events at a time.',
} as const;

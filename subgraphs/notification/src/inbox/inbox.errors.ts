export const inboxErrors = {
  TOO_MANY_NOTIFICATIONS: 'Name at most 100 notifications at once.',
} as const;

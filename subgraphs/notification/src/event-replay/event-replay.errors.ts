export const eventReplayErrors = {
  GROUP_INVALID: 'Name a consumer group: 1 to 200 small letters, digits, points, dashes and underscores.',
  POSITION_INVALID: 'Say where to begin: either a time, or an offset of 0 or more, or beginning: true.',
  TYPES_INVALID:
    'Name 1 to 100 patterns of names such as user.created, user.* or **.failed, or leave types out for all.',
} as const;

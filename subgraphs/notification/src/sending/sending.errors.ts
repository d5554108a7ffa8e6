export const sendingErrors = {
  RECIPIENT_MISSING: 'Name either recipientId or recipientIds, with 1 to 100 people.',
  RECIPIENT_UNKNOWN: 'There is nobody with this id.',
  RECIPIENT_UNREACHABLE: 'No e-mail address is known of this person.',
  TYPE_INVALID: 'A type has 1 to 64 letters, digits, points, colons, dashes and underscores, and begins with a letter.',
  TITLE_INVALID: 'A title is one line of 1 to 200 characters.',
  BODY_INVALID: 'A body has at most 10000 characters and no control characters but tabs and line breaks.',
  DATA_INVALID: 'Attached data is at most 16 KiB of JSON, at most 32 levels deep, without NUL characters.',
  CHANNEL_MISSING: 'Name at least one channel.',
  IDEMPOTENCY_KEY_INVALID: 'An idempotency key has 1 to 200 characters.',
  IDEMPOTENCY_CONFLICT: 'Something else was sent under this idempotency key. Use a new key for a new notification.',
} as const;

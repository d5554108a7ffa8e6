export const permissionErrors = {
  PERMISSION_NOT_FOUND: 'There is no such permission: see the query `permissions`.',
  PERMISSION_IMPLICIT:
    'Everybody may do with their own what the scope own names: it can be neither given nor taken. API keys can name it.',
  PERMISSION_NOT_HELD: 'You can only give permissions that you hold yourself.',
  EXPIRY_INVALID: 'This is not in the future.',
  REASON_INVALID: 'Say why, in at most 500 characters.',
} as const;

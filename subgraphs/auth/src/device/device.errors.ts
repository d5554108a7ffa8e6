export const deviceErrors = {
  DEVICE_NOT_FOUND: 'You have no such device.',
  DEVICE_NAME_INVALID: 'The name of a device has 1 to 80 visible characters.',
} as const;

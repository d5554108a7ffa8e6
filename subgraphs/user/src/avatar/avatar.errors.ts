export const avatarErrors = {
  IMAGE_TOO_LARGE: 'A picture has at most 512 KiB and 24 million pixels.',
  IMAGE_INVALID: 'This is not a picture that can be read: send JPEG, PNG, WebP or GIF.',
} as const;

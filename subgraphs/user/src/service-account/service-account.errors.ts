export const serviceAccountErrors = {
  SERVICE_ACCOUNT_NOT_FOUND: 'There is no such service account.',
  SERVICE_ACCOUNT_NAME_INVALID: 'A name of a service account has 1 to 80 visible characters.',
} as const;

export const passkeyErrors = {
  PASSKEY_REFUSED: 'The passkey was not accepted. Begin again, and let the authenticator check that it is you.',
  PASSKEY_NOT_FOUND: 'You have no such passkey.',
  PASSKEY_NAME_INVALID: 'The name of a passkey has 1 to 80 visible characters.',
  TOO_MANY_PASSKEYS: 'You have as many passkeys as one may have. Remove one first.',
  LAST_CREDENTIAL: 'This is the last thing you can sign in with. Add another one first.',
} as const;

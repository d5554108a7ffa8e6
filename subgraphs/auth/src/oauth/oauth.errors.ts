export const oauthErrors = {
  OAUTH_PROVIDER_NOT_OFFERED: 'This provider is not offered here. See oauthProviders.',
  OAUTH_REDIRECT_NOT_ALLOWED: 'The provider may not send anybody back to this address.',
  OAUTH_STATE_INVALID: 'This did not begin in this browser, was completed already or took too long. Begin anew.',
  OAUTH_DENIED: 'What came back from the provider does not prove who you are. Begin anew.',
  OAUTH_PROVIDER_UNAVAILABLE: 'The provider does not answer as it should. Try again later.',
  OAUTH_EMAIL_NOT_VERIFIED:
    'The provider has not verified your e-mail address. Sign in here in another way first, then link this identity.',
  IDENTITY_IN_USE: 'This identity belongs to another account.',
  IDENTITY_NOT_FOUND: 'There is no such identity among yours.',
} as const;

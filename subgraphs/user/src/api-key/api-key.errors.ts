export const apiKeyErrors = {
  API_KEY_NOT_FOUND: 'There is no such API key.',
  API_KEY_REVOKED: 'This API key was revoked or has expired: make a new one.',
  API_KEY_NAME_INVALID: 'A name of an API key has 1 to 100 visible characters.',
  API_KEY_LIMIT: 'There are 20 API keys already: revoke one first.',
  SCOPES_INVALID: 'An API key has at most 100 different scopes.',
  SCOPE_NOT_HELD: 'An API key can only be given what its owner may do, and what you may do.',
  ALLOWED_IPS_INVALID: 'These are at most 20 IP addresses or ranges such as 192.0.2.0/24.',
} as const;

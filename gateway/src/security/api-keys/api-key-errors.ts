/** The API key is not good; the message tells its holder. */
export class ApiKeyRefusedError extends Error {
  override readonly name = 'ApiKeyRefusedError';
}

/** The API key cannot be judged right now: no reason to tell its holder that it is not good. */
export class ApiKeysUnavailableError extends Error {
  override readonly name = 'ApiKeysUnavailableError';
}

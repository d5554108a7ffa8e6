import type { FetchImplementation } from 'jose';

/** An issuer that has trouble is left alone for so long: every token of an unknown key would bring it one more request. */
const PAUSE_MS = 2_000;

/** How jose fetches the keys of an issuer; what it failed with last is answered again for a while, without asking. */
export function createJwksFetch(pauseMs = PAUSE_MS): FetchImplementation {
  let failed: { readonly error: unknown; readonly until: number } | undefined;
  return async (url, options) => {
    if (failed !== undefined && Date.now() < failed.until) throw failed.error;
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`the issuer answered ${response.status} for its keys`);
      failed = undefined;
      return response;
    } catch (error) {
      failed = { error, until: Date.now() + pauseMs };
      throw error;
    }
  };
}

const FRESH_MS = 30_000;
const TIMEOUT_MS = 3_000;

/** Fetches the issuer's public keys, remembers them for a while, and rather serves old ones than none. */
export type FetchKeys = () => Promise<string>;

/** @param jwksUrl where the issuer publishes its keys (RFC 7517) */
export function createKeyFetcher(jwksUrl: string): FetchKeys {
  let known: { readonly text: string; readonly at: number } | undefined;
  let fetching: Promise<string> | undefined;
  const fetchNow = async (): Promise<string> => {
    const response = await fetch(jwksUrl, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${jwksUrl} answered ${response.status}`);
    const text = JSON.stringify(await response.json());
    known = { text, at: Date.now() };
    return text;
  };
  return async () => {
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.text;
    fetching ??= fetchNow().finally(() => (fetching = undefined));
    try {
      return await fetching;
    } catch (error) {
      if (known !== undefined) return known.text;
      throw error;
    }
  };
}

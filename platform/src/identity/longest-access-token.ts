/**
 * The longest life of an access token, in seconds. Two things rest on it: auth refuses to be configured for more, and
 * the gateway refuses longer tokens and remembers a revoked session for so long, because afterwards `exp` refuses it.
 */
export const LONGEST_ACCESS_TOKEN_SECONDS = 3600;

import type { Stage } from '../stage.js';

/** Data is not a page: nothing of it may run, be framed or be sniffed. Pages replace the policy with their own. */
export const setSecurityHeaders: Stage = ({ replyHeaders }, { settings }) => {
  replyHeaders.set('x-content-type-options', 'nosniff');
  replyHeaders.set('x-frame-options', 'DENY');
  replyHeaders.set('referrer-policy', 'no-referrer');
  replyHeaders.set('content-security-policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  replyHeaders.set('cache-control', 'no-store');
  if (settings.production && settings.publicUrl.startsWith('https:')) {
    replyHeaders.set('strict-transport-security', 'max-age=31536000; includeSubDomains');
  }
  return undefined;
};

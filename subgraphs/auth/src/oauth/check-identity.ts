import { readEmail } from '../account/email-address.js';
import { ProviderRefusedError } from './identity-source.js';
import type { ForeignIdentity } from './identity-source.js';

/** OpenID Connect Core, section 2: at most 255 ASCII characters; what cannot be seen is nobody's name. */
const SUBJECT = /^[!-~]{1,255}$/;

/** What a provider said, as far as it can be kept and compared. Throws {@link ProviderRefusedError} without a subject. */
export function checkIdentity(identity: ForeignIdentity): ForeignIdentity {
  if (!SUBJECT.test(identity.subject)) throw new ProviderRefusedError('the subject is not one');
  const address = identity.email === null ? null : readEmail(identity.email);
  return {
    ...identity,
    email: address?.spelling ?? null,
    emailVerified: address !== null && identity.emailVerified,
    locale: localeOf(identity.locale),
  };
}

/** BCP 47, section 4.4.1: what is longer than this need not be understood. */
const LONGEST_LOCALE = 35;

function localeOf(tag: string | null): string | null {
  if (tag === null || tag.length > LONGEST_LOCALE) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    // RangeError is how Intl says that a tag is not well-formed.
    return null;
  }
}

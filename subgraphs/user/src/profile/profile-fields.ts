import { isDisplayName } from '@orion/platform/text';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import type { UpdateProfileInput } from './profile.types.js';

const LONGEST_BIO = 500;
const USERNAME = /^[a-z0-9][a-z0-9_.-]{1,28}[a-z0-9]$/i;

/** The fields of a profile that its owner may change. */
export interface ProfileFields {
  readonly displayName: string;
  readonly username: string | null;
  readonly bio: string | null;
  readonly locale: string | null;
  readonly timezone: string | null;
}

/** The changes that an input asks for, in normal form, and what is wrong with them. A field left out stays as it is. */
export function readChanges(input: UpdateProfileInput): {
  readonly changes: Partial<ProfileFields>;
  readonly faults: UserError[];
} {
  const changes: { -readonly [Field in keyof ProfileFields]?: ProfileFields[Field] } = {};
  const faults: UserError[] = [];
  if (input.displayName !== undefined) {
    changes.displayName = (input.displayName ?? '').normalize('NFC').trim();
    if (!isDisplayName(changes.displayName)) faults.push(userError('DISPLAY_NAME_INVALID', ['input', 'displayName']));
  }
  if (input.username !== undefined) {
    changes.username = textOrNull(input.username);
    if (changes.username !== null && !USERNAME.test(changes.username))
      faults.push(userError('USERNAME_INVALID', ['input', 'username']));
  }
  if (input.bio !== undefined) {
    changes.bio = textOrNull(input.bio?.normalize('NFC'));
    if (changes.bio !== null && !isBio(changes.bio)) faults.push(userError('BIO_INVALID', ['input', 'bio']));
  }
  if (input.locale !== undefined) {
    changes.locale = canonicalLocale(textOrNull(input.locale));
    if (changes.locale === '') faults.push(userError('LOCALE_INVALID', ['input', 'locale']));
  }
  if (input.timezone !== undefined) {
    changes.timezone = textOrNull(input.timezone);
    if (changes.timezone !== null && !isTimezone(changes.timezone))
      faults.push(userError('TIMEZONE_INVALID', ['input', 'timezone']));
  }
  return { changes, faults };
}

function textOrNull(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

function isBio(bio: string): boolean {
  return [...bio].length <= LONGEST_BIO && !/[\p{Cc}\p{Cs}]/u.test(bio.replaceAll(/[\n\r\t]/g, ''));
}

/** The tag in its canonical case; the empty string when it is none. */
function canonicalLocale(tag: string | null): string | null {
  if (tag === null) return null;
  try {
    const [canonical = ''] = Intl.getCanonicalLocales(tag);
    return canonical.length <= 35 ? canonical : '';
  } catch {
    // RangeError is how Intl says that a tag is not well-formed.
    return '';
  }
}

function isTimezone(name: string): boolean {
  // Intl also takes offsets such as +01:00, which do not know daylight saving.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format();
    return true;
  } catch {
    // RangeError is how Intl says that there is no such zone.
    return false;
  }
}

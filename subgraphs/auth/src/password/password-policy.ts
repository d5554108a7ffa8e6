import { isCommonPassword } from './common-passwords.js';
import { normalise } from './password-hasher.js';

const LONGEST = 128;
/** A character can be written with several code points before it is composed; nothing longer is looked at. */
const LONGEST_RAW = LONGEST * 8;
/** Words with fewer letters are in too many passwords by chance. */
const SHORTEST_WORD = 4;
const PRODUCT = 'orion';

/** Why a password is not accepted. No composition rules, by ASVS 5.0 6.2.5. */
export type PasswordFault =
  | 'PASSWORD_TOO_SHORT'
  | 'PASSWORD_TOO_LONG'
  | 'PASSWORD_TOO_SIMILAR'
  | 'PASSWORD_COMPROMISED';

/** What everybody knows of the person whose password it is to be. */
export interface PasswordOwner {
  readonly email: string;
  readonly displayName: string | null;
}

/** Which passwords are accepted: one rule for every way to set one. */
export class PasswordPolicy {
  readonly maxLength = LONGEST;

  /** @param maxBytes what the hash reads, when that is less than the longest password. */
  constructor(
    readonly minLength: number,
    readonly maxBytes: number | null,
  ) {}

  /** Whether it is so long that it can be nobody's password: nothing of that size is ever hashed. */
  isOversized(password: string): boolean {
    return password.length > LONGEST_RAW || [...normalise(password)].length > LONGEST;
  }

  /** Checked by size first. Lengths count Unicode code points after NFC. */
  faultOf(password: string, owner: PasswordOwner): PasswordFault | null {
    if (this.isOversized(password)) return 'PASSWORD_TOO_LONG';
    const normal = normalise(password);
    if ([...normal].length < this.minLength) return 'PASSWORD_TOO_SHORT';
    if (this.maxBytes !== null && Buffer.byteLength(normal) > this.maxBytes) return 'PASSWORD_TOO_LONG';
    if (isCommonPassword(normal)) return 'PASSWORD_COMPROMISED';
    return this.isSimilar(normal, owner) ? 'PASSWORD_TOO_SIMILAR' : null;
  }

  /** Whether it is in something that everybody knows, or is too short without it. */
  private isSimilar(password: string, { email, displayName }: PasswordOwner): boolean {
    const folded = fold(password);
    const [localPart = ''] = email.split('@');
    const known = [PRODUCT, email, localPart, displayName ?? '', ...words(localPart), ...words(displayName ?? '')];
    return known
      .map(fold)
      .filter((word) => [...word].length >= SHORTEST_WORD)
      .some((word) => isPartOf(word, folded) || isLittleBeside(word, folded, this.minLength));
  }
}

function isPartOf(word: string, password: string): boolean {
  return password.length >= SHORTEST_WORD && word.includes(password);
}

function isLittleBeside(word: string, password: string, minLength: number): boolean {
  return password.includes(word) && [...password.replaceAll(word, '')].length < minLength;
}

/** Letters and digits alone, without case and without marks. */
function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

function words(text: string): string[] {
  return text.split(/[^\p{L}\p{N}\p{M}]+/u);
}

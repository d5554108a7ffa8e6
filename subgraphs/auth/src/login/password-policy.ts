const SHORTEST = 8;
const LONGEST = 128;

/** Why a password is not accepted. No composition rules, by ASVS 5.0 6.2.5. */
export type PasswordFault = 'PASSWORD_TOO_SHORT' | 'PASSWORD_TOO_LONG' | 'PASSWORD_TOO_SIMILAR';

/** Checked by size first: nothing long is ever hashed. Lengths count Unicode code points. */
export function faultOfPassword(password: string, { email }: { readonly email: string }): PasswordFault | null {
  if (password.length > LONGEST * 2) return 'PASSWORD_TOO_LONG';
  const length = [...password].length;
  if (length < SHORTEST) return 'PASSWORD_TOO_SHORT';
  if (length > LONGEST) return 'PASSWORD_TOO_LONG';
  const [localPart = ''] = email.toLowerCase().split('@');
  const lowered = password.toLowerCase();
  const isSimilar = lowered === email.toLowerCase() || (localPart.length >= 4 && lowered.includes(localPart));
  return isSimilar ? 'PASSWORD_TOO_SIMILAR' : null;
}

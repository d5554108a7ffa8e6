/** An address that mail can be sent to. */
export interface EmailAddress {
  /** As it was typed; mails go there. */
  readonly spelling: string;
  /** The form under which an address is unique. */
  readonly canonical: string;
}

const LONGEST = 254;
const SHAPE =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** Reads what somebody typed, without blanks around it. Null when it is no address (RFC 5321 limits). */
export function readEmail(typed: string): EmailAddress | null {
  const spelling = typed.trim();
  // Printable ASCII on purpose: look-alike characters must not make a second account of the same address. Checked
  // before lower-casing, which makes a k of U+212A KELVIN SIGN.
  if (spelling.length > LONGEST || !/^[!-~]+$/.test(spelling)) return null;
  const canonical = spelling.toLowerCase();
  return SHAPE.test(canonical) ? { spelling, canonical } : null;
}

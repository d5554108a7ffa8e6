const LONGEST = 254;
// Printable ASCII on purpose: look-alike characters must not make a second account of the same address.
const SHAPE =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** The form under which an address is unique, or null when it is not an address we can mail to (RFC 5321 limits). */
export function canonicalEmail(typed: string): string | null {
  const canonical = typed.toLowerCase();
  return canonical.length <= LONGEST && SHAPE.test(canonical) ? canonical : null;
}

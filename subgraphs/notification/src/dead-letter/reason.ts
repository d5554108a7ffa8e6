const LONGEST = 1_000;

/** A reason as it goes into the audit log; null for one that is blank or longer than 1000 characters. */
export function readReason(text: string): string | null {
  const reason = text.trim();
  return reason === '' || reason.length > LONGEST ? null : reason;
}

/** Postgres cannot store NUL as text. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

/** Without accents and case: "M\u00fcller" and "MULLER" are the same. */
export function foldText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The words of a text, folded, each once. */
export function searchWords(...texts: readonly (string | null)[]): string[] {
  const words = texts.flatMap((text) => foldText(text ?? '').match(/[\p{L}\p{N}]+/gu) ?? []);
  return [...new Set(words)];
}

/**
 * A tsquery that finds what has, for each word of `typed`, a word that begins with it; null when nothing was typed.
 * Words hold letters and digits only, so nothing in them needs quoting beyond the quotes around them.
 */
export function prefixQuery(typed: string): string | null {
  const words = searchWords(typed);
  return words.length === 0 ? null : words.map((word) => `'${word}':*`).join(' & ');
}

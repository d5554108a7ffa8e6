const LONGEST_NAME = 80;

/** No control, format (bidi, zero-width), unassigned or private characters and no line breaks. */
const UNFIT = /[\p{C}\p{Zl}\p{Zp}]/u;

/** Whether a text, in normal form and without blanks around it, can be shown as the name of a person. */
export function isDisplayName(name: string): boolean {
  const length = [...name].length;
  return length >= 1 && length <= LONGEST_NAME && !UNFIT.test(name);
}

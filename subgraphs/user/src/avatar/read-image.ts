/** A base64 text grows by a third. */
const MOST_BYTES = 512 * 1024;
const LONGEST_TEXT = Math.ceil(MOST_BYTES / 3) * 4 + 100;
/** The type that a data URI names is not believed: what the bytes are is found out by reading them. */
const DATA_URI = /^data:[\w.+-]*\/?[\w.+-]*;base64,/;

/** The bytes of a picture, or what is wrong with the text. */
export function readImage(text: string): Buffer | 'IMAGE_TOO_LARGE' | 'IMAGE_INVALID' {
  if (text.length > LONGEST_TEXT) return 'IMAGE_TOO_LARGE';
  const base64 = text.replace(DATA_URI, '').replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return 'IMAGE_INVALID';
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length > MOST_BYTES ? 'IMAGE_TOO_LARGE' : bytes;
}

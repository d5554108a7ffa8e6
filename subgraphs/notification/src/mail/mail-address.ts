const LONGEST = 254;

/** One address and nothing else: no list, no name, no quotes, no white space. RFC 5321 limits its length. */
const ADDRESS = /^[^\s\p{C}<>()[\]\\,;:@"]{1,64}@[^\s\p{C}<>()[\]\\,;:@"]+$/u;

/** Whether a mail can be addressed to it, without becoming a mail to somebody else. */
export function isMailAddress(text: string): boolean {
  return text.length <= LONGEST && ADDRESS.test(text);
}

/**
 * Deeper than any honest request, shallow enough for everything that walks a document or its variables by calling
 * itself: a stack that overflows is an error of the server, and may happen anywhere.
 */
export const DEEPEST_NESTING = 200;

/** Whether a JSON value has objects and lists in each other deeper than so many levels. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, levels - 1));
  for (const key of Object.keys(value)) {
    if (isDeeperThan((value as Readonly<Record<string, unknown>>)[key], levels - 1)) return true;
  }
  return false;
}

const STRING_OR_COMMENT = /"""(?:\\"""|[^])*?(?:"""|$)|"(?:\\.|[^"\\\n\r])*|#[^\n\r]*|[[\](){}]/g;
const OPENING = new Set(['[', '(', '{']);
const CLOSING = new Set([']', ')', '}']);

/**
 * Whether the brackets of a GraphQL document are nested deeper than so many levels, before it is parsed; those in strings
 * and comments are none. Ends at the first that is too deep, and where the document has more tokens than the parser takes.
 */
export function isTextDeeperThan(document: string, levels: number, mostTokens: number): boolean {
  let depth = 0;
  let tokens = 0;
  for (const [token] of document.matchAll(STRING_OR_COMMENT)) {
    if (OPENING.has(token)) {
      depth += 1;
      if (depth > levels) return true;
    } else if (CLOSING.has(token)) {
      depth = Math.max(0, depth - 1);
    } else if (token.startsWith('#')) {
      continue;
    }
    tokens += 1;
    if (tokens > mostTokens) return false;
  }
  return false;
}

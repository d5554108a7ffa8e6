/**
 * Variables in a Compose file or a Dockerfile: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, nested.
 * https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */
export interface Interpolation {
  readonly name: string;
  readonly operator: '' | ':-' | '-' | ':?' | '?' | ':+' | '+';
  /** Default, message or replacement, not yet substituted. */
  readonly word: string;
}

/** Every variable of the text, those inside a default included. */
export function interpolationsOf(text: string): readonly Interpolation[] {
  const found: Interpolation[] = [];
  walk(text, (interpolation) => {
    found.push(interpolation, ...interpolationsOf(interpolation.word));
    return '';
  });
  return found;
}

/** The text with values put in. A variable without value and default becomes empty; a `?` is not enforced. */
export function substitute(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return walk(text, ({ name, operator, word }) => {
    const value = values[name];
    const isUnset = value === undefined || (operator.startsWith(':') && value === '');
    if (operator.endsWith('+')) return isUnset ? '' : substitute(word, values);
    if (operator.endsWith('-') && isUnset) return substitute(word, values);
    return value ?? '';
  });
}

const PLAIN = /^\$([A-Za-z_]\w*)/;
const OPENING = /^\$\{([A-Za-z_]\w*)(:?[-?+])?/;

function walk(text: string, replace: (interpolation: Interpolation) => string): string {
  let result = '';
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const opening = OPENING.exec(rest);
    const plain = PLAIN.exec(rest);
    if (rest.startsWith('$$')) {
      result += '$';
      at += 2;
    } else if (opening?.[1] !== undefined) {
      const end = closingBrace(text, at + opening[0].length);
      const operator = (opening[2] ?? '') as Interpolation['operator'];
      result += replace({ name: opening[1], operator, word: text.slice(at + opening[0].length, end) });
      at = end + 1;
    } else if (plain?.[1] !== undefined) {
      result += replace({ name: plain[1], operator: '', word: '' });
      at += plain[0].length;
    } else {
      result += text[at] ?? '';
      at += 1;
    }
  }
  return result;
}

/** Index of the brace that closes a variable whose inside begins at `from`. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error(`"${text}" opens a variable and does not close it`);
}

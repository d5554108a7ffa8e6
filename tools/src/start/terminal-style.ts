/** How text is set off; all plain where there are no colours. */
export interface TerminalStyle {
  bold(text: string): string;
  dim(text: string): string;
  link(text: string): string;
  bad(text: string): string;
  /** Of a check: null is a success. */
  mark(problem: string | null): string;
}

/** Colours on a terminal only, and not with NO_COLOR (https://no-color.org) or TERM=dumb. */
export function terminalStyle(stream: { readonly isTTY?: boolean }): TerminalStyle {
  const { NO_COLOR = '', TERM } = process.env;
  const color = stream.isTTY === true && NO_COLOR === '' && TERM !== 'dumb';
  const paint =
    (code: string) =>
    (text: string): string =>
      color ? `\u001b[${code}m${text}\u001b[0m` : text;
  return {
    bold: paint('1'),
    dim: paint('2'),
    link: paint('36'),
    bad: paint('31'),
    mark: (problem) =>
      problem === null ? paint('32')(color ? '\u2713' : 'ok') : paint('31')(color ? '\u2717' : 'FAILED'),
  };
}

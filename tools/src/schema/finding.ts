/** Something to look at, at a place in a file of the checkout. */
export interface Finding {
  /** Path from the root of the checkout, with slashes. */
  readonly file: string;
  /** From 1; null when the whole file is meant. */
  readonly line: number | null;
  readonly message: string;
  /** What to do about it; one line. */
  readonly hint?: string;
  /** Warnings are shown and fail nothing. */
  readonly severity: 'error' | 'warning';
}

/** `file:line: message`, as editors and terminals make it a link. */
export function formatFinding({ file, line, message, hint, severity }: Finding): string {
  const place = line === null ? file : `${file}:${line}`;
  const kind = severity === 'warning' ? 'warning: ' : '';
  return `${place}: ${kind}${message.replaceAll('\n', '\n    ')}${hint === undefined ? '' : `\n    hint: ${hint}`}`;
}

/**
 * A workflow command that GitHub shows at the line of the file.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
 */
export function formatAnnotation({ file, line, message, hint, severity }: Finding): string {
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  const place = line === null ? `file=${escapeProperty(file)}` : `file=${escapeProperty(file)},line=${line}`;
  return `::${severity} ${place}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** The patterns of a .dockerignore file. https://docs.docker.com/build/concepts/context/#dockerignore-files */
export interface DockerIgnore {
  /** Whether the path, relative to the context and with slashes, stays out of the build. */
  ignores(path: string): boolean;
  /** Whether an ignored folder may hold something that a later pattern takes back. */
  hasExceptionBelow(path: string): boolean;
}

interface Pattern {
  readonly expression: RegExp;
  readonly text: string;
  readonly isException: boolean;
}

export function readDockerIgnore(text: string): DockerIgnore {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(toPattern);
  return {
    ignores: (path) =>
      patterns.reduce(
        (ignored, { expression, isException }) => (matches(path, expression) ? !isException : ignored),
        false,
      ),
    hasExceptionBelow: (path) =>
      patterns.some(({ text: pattern, isException }) => isException && pattern.startsWith(`${path}/`)),
  };
}

/** A pattern that fits a folder fits all that is in it. */
function matches(path: string, expression: RegExp): boolean {
  const parts = path.split('/');
  return parts.some((_, index) => expression.test(parts.slice(0, index + 1).join('/')));
}

function toPattern(line: string): Pattern {
  const isException = line.startsWith('!');
  const text = line.slice(isException ? 1 : 0).replace(/^\/+|\/+$/g, '');
  const source = text
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('**/', '\u0000')
    .replaceAll('**', '\u0001')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('\u0000', '(?:.*/)?')
    .replaceAll('\u0001', '.*');
  return { expression: new RegExp(`^${source}$`), text, isException };
}

const NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
/** Kafka's limit for names of topics. */
const LONGEST = 249;

/**
 * Names of topics and of events are segments of letters, digits, `_` and `-`, joined by dots. In a pattern `*` stands
 * for one segment and `**` for any number of them, none included: `orion.*`, `**.failed`.
 */
export function isPattern(nameOrPattern: string): boolean {
  return nameOrPattern.includes('*');
}

/** Throws a TypeError that says what is wrong, unless it is a name or a pattern. */
export function assertNameOrPattern(nameOrPattern: string): void {
  const isGood =
    nameOrPattern.length <= LONGEST &&
    nameOrPattern.split('.').every((segment) => segment === '*' || segment === '**' || NAME.test(segment));
  if (isGood) return;
  throw new TypeError(
    `"${nameOrPattern}" is no name and no pattern: write segments of letters, digits, "_" and "-" with dots between ` +
      `them, at most ${LONGEST} characters; "*" stands for one whole segment, "**" for any number of them`,
  );
}

/** A regular expression for whole names, in the part of the syntax that JavaScript and Postgres share. */
export function patternSource(nameOrPattern: string): string {
  assertNameOrPattern(nameOrPattern);
  // Two in a row say nothing more than one, and would make the search longer.
  const segments = nameOrPattern.split('.').filter((segment, at, all) => segment !== '**' || all[at - 1] !== '**');
  if (segments.length === 1 && segments[0] === '**') return '^[^.]+(\\.[^.]+)*$';
  let source = '';
  let dot = '';
  for (const segment of segments) {
    if (segment === '**') {
      // Whole segments with their dots: those before it when it is first, those after it otherwise.
      source += dot === '' ? '([^.]+\\.)*' : '(\\.[^.]+)*';
      continue;
    }
    source += `${dot}${segment === '*' ? '[^.]+' : segment}`;
    dot = '\\.';
  }
  return `^${source}$`;
}

/** Tells whether a name is one of those that the names and patterns stand for. Throws as `assertNameOrPattern` does. */
export function matcherOf(namesOrPatterns: readonly string[]): (name: string) => boolean {
  const names = new Set(namesOrPatterns.filter((item) => !isPattern(item)));
  names.forEach(assertNameOrPattern);
  const patterns = namesOrPatterns.filter(isPattern).map((pattern) => new RegExp(patternSource(pattern)));
  return (name) => names.has(name) || patterns.some((pattern) => pattern.test(name));
}

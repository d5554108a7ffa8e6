import { buildSchema, findBreakingChanges, parse } from 'graphql';
import type { BreakingChange, DocumentNode } from 'graphql';
import type { BreakingFinding } from './breaking-finding.js';
import { lineOfCoordinate } from './schema-lines.js';

/** Where clients' schema is kept. */
export const API_FILE = 'schema/api.graphql';

/** What in `next` would break clients that were written against `base`. */
export function breakingApiChanges(
  base: string,
  { next, baseName }: { readonly next: string; readonly baseName: string },
): BreakingFinding[] {
  const [before, after] = [parse(base), parse(next)];
  return findBreakingChanges(buildSchema(base), buildSchema(next)).map((change) => {
    const subject = coordinateOf(change);
    return {
      file: API_FILE,
      line: lineOfCoordinate(after, subject),
      subject,
      message: `breaking change: ${change.description}${whereItWas(before, { subject, baseName })}`,
      severity: 'error',
    };
  });
}

function whereItWas(
  before: DocumentNode,
  { subject, baseName }: { readonly subject: string; readonly baseName: string },
): string {
  const line = lineOfCoordinate(before, subject);
  return line === null ? '' : ` (${baseName}:${API_FILE}:${line})`;
}

/**
 * The schema coordinate that a change is about: `Type`, `Type.field`, `Type.field(arg:)` or `@directive`. graphql-js
 * only tells it in English.
 */
function coordinateOf({ type, description }: BreakingChange): string {
  const match = (pattern: RegExp): readonly string[] | undefined => pattern.exec(description)?.slice(1);
  if (type.includes('DIRECTIVE')) {
    const [directive] = match(/(?:from|on directive) (\w+)/) ?? match(/^(\w+)/) ?? [];
    return `@${directive}`;
  }
  const requiredArgument = match(/^A required arg (\w+) on (\w+\.\w+) was added/);
  if (requiredArgument !== undefined) return `${requiredArgument[1]}(${requiredArgument[0]}:)`;
  const requiredField = match(/^A required field (\w+) on input type (\w+) was added/);
  if (requiredField !== undefined) return `${requiredField[1]}.${requiredField[0]}`;
  const value = match(/^(\w+) was removed from enum type (\w+)/);
  if (value !== undefined) return `${value[1]}.${value[0]}`;
  const member = match(/^\w+ was removed from union type (\w+)/);
  if (member !== undefined) return `${member[0]}`;
  const argument = match(/^(\w+\.\w+) arg (\w+)/);
  if (argument !== undefined) return `${argument[0]}(${argument[1]}:)`;
  return match(/^(?:Standard scalar )?(\w+(?:\.\w+)?)/)?.[0] ?? description;
}

import { LineCounter, parseDocument } from 'yaml';
import type { BreakingFinding } from './breaking-finding.js';
import { eventSchemaFaults } from './event-schema-faults.js';
import { ASYNCAPI_FILE, eventFile } from './event-schemas.js';
import type { JsonSchema } from './json-schema.js';

/**
 * What in an event's schema would break others. Events are read by code older than they are (while services are being
 * replaced) and younger (a replay), so a type may only gain optional properties; everything else is a new version.
 * @param next null when the type is gone.
 */
export function breakingEventChanges(
  type: string,
  { base, next, baseName }: { readonly base: string; readonly next: string | null; readonly baseName: string },
): BreakingFinding[] {
  const file = eventFile(type);
  if (next === null) {
    const message = `breaking change: event ${type} was removed (${baseName}:${file})`;
    return [{ file: ASYNCAPI_FILE, line: null, subject: type, message, severity: 'error' }];
  }
  const faults = eventSchemaFaults(JSON.parse(base) as JsonSchema, JSON.parse(next) as JsonSchema);
  return faults.map(({ path, message }) => ({
    file,
    line: lineOfPath(next, path),
    subject: type,
    message: `breaking change: ${type} ${message}; publish ${nextVersion(type)} instead`,
    severity: 'error',
  }));
}

function nextVersion(type: string): string {
  return type.replace(/\d+$/, (version) => String(Number(version) + 1));
}

/** JSON is YAML, and the YAML parser knows where everything stands. */
function lineOfPath(text: string, path: readonly string[]): number | null {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return lineCounter.linePos(Number(node.range[0])).line;
    }
  }
  return null;
}

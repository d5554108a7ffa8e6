import { isDeepStrictEqual } from 'node:util';
import { LineCounter, parseDocument } from 'yaml';
import type { BreakingFinding } from './breaking-finding.js';
import { ASYNCAPI_FILE, eventFile } from './event-schemas.js';

/** Keywords that say something to people and nothing to validators. */
const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'examples',
  'deprecated',
  'default',
]);
/** Keywords that are compared property by property. */
const STRUCTURE = new Set(['properties', 'required', 'items']);

/** JSON Schema as far as it is looked into here. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly items?: unknown;
  readonly additionalProperties?: unknown;
}

/** A fault and the place of it in the schema. */
interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

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
  const faults = compare(JSON.parse(base) as JsonSchema, { after: JSON.parse(next) as JsonSchema, path: [] });
  return faults.map(({ path, message }) => ({
    file,
    line: lineOfPath(next, path),
    subject: type,
    message: `breaking change: ${type} ${message}; publish ${nextVersion(type)} instead`,
    severity: 'error',
  }));
}

function compare(
  before: JsonSchema,
  { after, path }: { readonly after: JsonSchema; readonly path: readonly string[] },
): Fault[] {
  const at = path.filter((part) => part !== 'properties').join('.') || 'data';
  const faults: Fault[] = [];
  for (const keyword of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (ANNOTATIONS.has(keyword) || STRUCTURE.has(keyword)) continue;
    const [was, is] = [(before as Record<string, unknown>)[keyword], (after as Record<string, unknown>)[keyword]];
    if (!isDeepStrictEqual(withoutAnnotations(was), withoutAnnotations(is))) {
      faults.push({
        path: [...path, keyword],
        message: `changes ${at}: ${keyword} was ${shown(was)} and is ${shown(is)}`,
      });
    }
  }
  faults.push(...compareProperties(before, { after, path }));
  if (isSchema(before.items) && isSchema(after.items)) {
    faults.push(...compare(before.items, { after: after.items, path: [...path, 'items'] }));
  } else if (!isDeepStrictEqual(withoutAnnotations(before.items), withoutAnnotations(after.items))) {
    faults.push({ path: [...path, 'items'], message: `changes the items of ${at}` });
  }
  return faults;
}

function compareProperties(
  before: JsonSchema,
  { after, path }: { readonly after: JsonSchema; readonly path: readonly string[] },
): Fault[] {
  const faults: Fault[] = [];
  const [were, are] = [before.properties ?? {}, after.properties ?? {}];
  for (const name of new Set([...Object.keys(were), ...Object.keys(are)])) {
    const [was, is] = [were[name], are[name]];
    const shownName = [...path.filter((part) => part !== 'properties'), name].join('.');
    const place = [...path, 'properties', name];
    const wasRequired = before.required?.includes(name) === true;
    const isRequired = after.required?.includes(name) === true;
    if (is === undefined) faults.push({ path: [...path, 'properties'], message: `no longer has ${shownName}` });
    else if (was === undefined && isRequired) {
      faults.push({ path: place, message: `requires ${shownName}, which older events lack (make it optional)` });
    } else if (was === undefined && before.additionalProperties === false) {
      faults.push({
        path: place,
        message: `has a new ${shownName}, which its readers refuse (additionalProperties: false)`,
      });
    } else if (was !== undefined && wasRequired !== isRequired) {
      faults.push({ path: place, message: `makes ${shownName} ${isRequired ? 'required' : 'optional'}` });
    }
    if (isSchema(was) && isSchema(is)) faults.push(...compare(was, { after: is, path: place }));
  }
  return faults;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (!isSchema(value)) return value;
  const kept = Object.entries(value).filter(([keyword]) => !ANNOTATIONS.has(keyword));
  return Object.fromEntries(kept.map(([keyword, inner]) => [keyword, withoutAnnotations(inner)]));
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
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

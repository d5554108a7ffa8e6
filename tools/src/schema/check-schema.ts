import { openBase } from './base.js';
import type { Base } from './base.js';
import { API_FILE, breakingApiChanges } from './breaking-api-changes.js';
import { breakingEventChanges } from './breaking-event-changes.js';
import { settleBreaking } from './breaking-finding.js';
import type { BreakingFinding } from './breaking-finding.js';
import { conventionFindings } from './conventions.js';
import { eventTypeOf } from './event-schemas.js';
import type { Finding } from './finding.js';
import { generateSchema, readText } from './generate.js';

export interface CheckOptions {
  /** Git reference to compare with; see `openBase`. */
  readonly base: string | undefined;
  /** Breaking changes become warnings. */
  readonly allowBreaking: boolean;
}

/** The result of a check; it passes when no finding is an error. */
export interface SchemaCheck {
  readonly findings: readonly Finding[];
  /** What the schema was compared with, null when there was nothing. */
  readonly base: string | null;
  readonly subgraphs: readonly string[];
}

/** Checks drift, composition, conventions, and compatibility with the base. Writes nothing and needs no network. */
export async function checkSchema(root: string, { base: ref, allowBreaking }: CheckOptions): Promise<SchemaCheck> {
  const { files, obsolete, subgraphs, findings: composition } = await generateSchema(root, { fetchForeign: false });
  const findings: Finding[] = [...composition];
  for (const [file, text] of files)
    findings.push(...driftOf(file, { expected: text, found: await readText(root, file) }));
  for (const file of obsolete)
    findings.push({ ...DRIFT, file, line: null, message: 'what it was generated from is gone' });
  for (const subgraph of subgraphs) if (subgraph.isOwn) findings.push(...conventionFindings(subgraph));
  const base = await openBase(root, { ref });
  if (base !== null) {
    const breaking = await breakingChanges(base, { files });
    findings.push(...settleBreaking(breaking, { allowAll: allowBreaking, allowed: base.allowed }));
  }
  return { findings, base: base?.name ?? null, subgraphs: subgraphs.map(({ name }) => name) };
}

const DRIFT = { severity: 'error', hint: 'run `npm run schema` and commit what it writes' } as const;

function driftOf(
  file: string,
  { expected, found }: { readonly expected: string; readonly found: string | null },
): Finding[] {
  if (found === expected) return [];
  if (found === null) return [{ ...DRIFT, file, line: null, message: 'is not there' }];
  const [is, should] = [found.split('\n'), expected.split('\n')];
  const index = should.findIndex((line, position) => line !== is[position]);
  const at = index === -1 ? should.length : index;
  const message = `is not what the code says: found ${quote(is[at])}, expected ${quote(should[at])}`;
  return [{ ...DRIFT, file, line: Math.min(at, is.length - 1) + 1, message }];
}

function quote(line: string | undefined): string {
  return line === undefined ? 'the end of the file' : `\`${line.trim()}\``;
}

async function breakingChanges(
  base: Base,
  { files }: { readonly files: ReadonlyMap<string, string> },
): Promise<BreakingFinding[]> {
  const findings: BreakingFinding[] = [];
  const [before, after] = [await base.read(API_FILE), files.get(API_FILE)];
  if (before !== null && after !== undefined) {
    findings.push(...breakingApiChanges(before, { next: after, baseName: base.name }));
  }
  for (const file of await base.list('schema/events')) {
    const type = eventTypeOf(file);
    const text = type === null ? null : await base.read(file);
    if (type !== null && text !== null) {
      findings.push(...breakingEventChanges(type, { base: text, next: files.get(file) ?? null, baseName: base.name }));
    }
  }
  return findings;
}

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateSchema, readText } from './generate.js';
import type { Finding } from './finding.js';

/** What `npm run schema` did. */
export interface WrittenSchema {
  /** Paths that were written, and those that were removed. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Names of the subgraphs, in the order of rover.yaml. */
  readonly subgraphs: readonly string[];
  readonly findings: readonly Finding[];
}

/** Brings rover.yaml and schema/ up to date. When composition fails, supergraph and API schema stay as they are. */
export async function writeSchema(root: string): Promise<WrittenSchema> {
  const { files, obsolete, subgraphs, findings } = await generateSchema(root, { fetchForeign: true });
  const changed: string[] = [];
  for (const [file, text] of files) {
    if ((await readText(root, file)) === text) continue;
    await writeWhole(path.join(root, file), text);
    changed.push(file);
  }
  for (const file of obsolete) await rm(path.join(root, file));
  return { changed, removed: obsolete, subgraphs: subgraphs.map(({ name }) => name), findings };
}

/** Watchers, the gateway among them, never see half a file. */
async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}

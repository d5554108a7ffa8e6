import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { SubgraphNames } from './names.js';

/** Not compiled, so it is read from the sources: tools only ever run in a checkout. */
const FOLDER = path.resolve(import.meta.dirname, '../../src/new-subgraph/template');
const SUFFIX = '.template';

/** What the template needs to know. */
export interface TemplateValues extends SubgraphNames {
  readonly port: number;
  readonly version: string;
  /** Version by package, the ones that the platform uses. */
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The files of a new subgraph: text by path below its folder. */
export async function fillTemplate(values: TemplateValues): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(SUFFIX))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const filled = files.toSorted().map(async (file) => {
    const target = path.relative(FOLDER, file).slice(0, -SUFFIX.length).replaceAll('\\', '/');
    return [target, fill(await readFile(file, 'utf8'), values)] as const;
  });
  return new Map(await Promise.all(filled));
}

function fill(text: string, values: TemplateValues): string {
  return text.replace(/\{\{(\w+)(?::([^}]+))?\}\}/g, (placeholder, key: string, dependency: string | undefined) => {
    const { dependencies, ...own } = values;
    const value =
      dependency === undefined ? (own as Readonly<Record<string, string | number>>)[key] : dependencies[dependency];
    if (value === undefined) throw new Error(`the template of a subgraph has an unknown ${placeholder}`);
    return String(value);
  });
}

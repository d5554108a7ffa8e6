import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../problem/index.js';

/** A workspace that Vite bundles into a page. */
export interface PageSource {
  /** The checkout. */
  readonly root: string;
  /** Of the workspace, from the checkout. */
  readonly folder: string;
}

/** What of a workspace decides how its bundle comes out. */
const SOURCE = ['src', 'public', 'index.html', 'package.json', 'tsconfig.json', 'vite.config.ts'];

/** The finished bundle. */
export function bundleFolder({ root, folder }: PageSource): string {
  return path.join(root, folder, 'dist', 'page');
}

/** Written into the bundle: of which source it is. */
export const FINGERPRINT_FILE = 'fingerprint.txt';

/** Hash of package-lock.json and of the sources of the workspace. */
export async function fingerprint({ root, folder }: PageSource): Promise<string> {
  const hash = createHash('sha256');
  const sources = await Promise.all(SOURCE.map((name) => filesIn(path.join(root, folder, name))));
  const files = [path.join(root, 'package-lock.json'), ...sources.flat()];
  for (const file of files) {
    const content = await readFile(file);
    hash.update(`${path.relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Whether the bundle is there and of the present source. */
export async function isUpToDate(source: PageSource): Promise<boolean> {
  try {
    const kept = await readFile(path.join(bundleFolder(source), FINGERPRINT_FILE), 'utf8');
    return kept === (await fingerprint(source));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The file itself, or all files of a folder in a fixed order. */
async function filesIn(place: string): Promise<readonly string[]> {
  if ((await stat(place)).isFile()) return [place];
  const entries = await readdir(place, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

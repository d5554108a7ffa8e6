import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** The folders of a folder, as paths from the root. */
export async function foldersOf(root, folder) {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${folder}/${entry.name}`);
}

/** Folders of all workspaces; what a pattern such as `subgraphs/*` finds need not have a package.json. */
export async function workspaceFolders(root) {
  const { workspaces } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const found = workspaces.map((pattern) =>
    pattern.endsWith('/*') ? foldersOf(root, pattern.slice(0, -2)) : Promise.resolve([pattern]),
  );
  return (await Promise.all(found)).flat();
}

/**
 * The workspaces of two kinds: `later` are those that nothing needs which `npm start` runs, as their package.json says:
 * pages, which are bundled for browsers ("orion": {"page": ...}), and what only developers run
 * ("orion": {"development": true}). `services` are all others.
 */
export async function workspacesByKind(root) {
  const services = [];
  const later = [];
  for (const folder of await workspaceFolders(root)) {
    const manifest = await readManifest(path.join(root, folder, 'package.json'));
    if (manifest === undefined) continue;
    const isLater = manifest.orion?.page !== undefined || manifest.orion?.development === true;
    (isLater ? later : services).push(folder);
  }
  return { services, later };
}

async function readManifest(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    // A folder left by another branch, with nothing but dist/ in it.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

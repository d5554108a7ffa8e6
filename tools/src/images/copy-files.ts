import { copyFile, cp, mkdir, readdir, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';
import type { DockerIgnore } from './docker-ignore.js';

/** Where COPY takes files from: the build context with its .dockerignore, or the root folder of an earlier stage. */
export interface CopySource {
  readonly directory: string;
  readonly ignore?: DockerIgnore;
}

/**
 * COPY, as a builder does it: of a folder its contents, of a file the file. Rejects when a source does not exist or is
 * kept out by .dockerignore.
 */
export async function copyFiles(
  from: CopySource,
  { sources, target }: { readonly sources: readonly string[]; readonly target: string },
): Promise<void> {
  for (const source of sources) {
    const relative = path.posix.normalize(source).replace(/^\/+/, '').replace(/\/$/, '');
    const full = path.join(from.directory, relative);
    const isContext = relative === '.' || relative === '';
    if (!isContext && isKeptOut(relative, from))
      throw new Error(`COPY ${source}: .dockerignore keeps it out of the build`);
    const isFolder = (await stat(full)).isDirectory();
    const isIntoFolder = isFolder || target.endsWith('/') || sources.length > 1;
    const destination = isIntoFolder && !isFolder ? path.join(target, path.basename(relative)) : target;
    await mkdir(path.dirname(destination), { recursive: true });
    if (!isFolder) await copyFile(full, destination, constants.COPYFILE_FICLONE);
    else if (from.ignore === undefined) await copyTree(full, destination);
    else await copyContext(full, { destination, relative: isContext ? '' : relative, ignore: from.ignore });
  }
}

function isKeptOut(relative: string, { ignore }: CopySource): boolean {
  return ignore !== undefined && ignore.ignores(relative) && !ignore.hasExceptionBelow(relative);
}

/** Links stay as they are: `node_modules/@orion/auth` points to a folder of the image. */
async function copyTree(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}

async function copyContext(
  from: string,
  {
    destination,
    relative,
    ignore,
  }: { readonly destination: string; readonly relative: string; readonly ignore: DockerIgnore },
): Promise<void> {
  await mkdir(destination, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const inside = relative === '' ? entry.name : `${relative}/${entry.name}`;
    const target = path.join(destination, entry.name);
    if (entry.isDirectory()) {
      if (!ignore.ignores(inside) || ignore.hasExceptionBelow(inside))
        await copyContext(path.join(from, entry.name), { destination: target, relative: inside, ignore });
    } else if (!ignore.ignores(inside)) {
      await copyTree(path.join(from, entry.name), target);
    }
  }
}

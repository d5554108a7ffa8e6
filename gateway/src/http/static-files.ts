import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

export interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  /** Its name changes with its content, so it may be kept for ever. */
  readonly isImmutable: boolean;
}

/** Bundlers put the content's hash before the extension. */
const HASHED = /[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/**
 * Reads one file of a folder. Returns null for what does not exist, is no file, or is not inside the folder, be it by
 * `..`, by an encoded slash or by a link.
 */
export async function readStaticFile(directory: string, urlPath: string): Promise<StaticFile | null> {
  const relative = decode(urlPath);
  if (relative === null || relative.includes('\0')) return null;
  try {
    const root = await realpath(resolve(directory));
    const file = await realpath(join(root, relative));
    if (!file.startsWith(root + sep) || !(await stat(file)).isFile()) return null;
    const extension = extname(file).toLowerCase();
    return {
      bytes: await readFile(file),
      type: TYPES[extension] ?? 'application/octet-stream',
      isImmutable: extension !== '.html' && HASHED.test(file),
    };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    // A malformed escape names no file.
    return null;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL', 'ELOOP'].includes(code);
}

import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

export interface ImageContents {
  readonly files: number;
  readonly bytes: number;
  /** Paths of what does not belong in an image for production. */
  readonly unwanted: readonly string[];
}

/** Anybody's environment, tests, and the tools of the build. */
const UNWANTED = [
  /(?:^|\/)\.env[^/]*$/,
  /(?:^|\/)\.git$/,
  /^(?!.*node_modules\/).*\.test\.[a-z.]+$/,
  /(?:^|\/)node_modules\/(?:typescript|jest|oxlint|oxfmt)$/,
];

export async function inspectContents(directory: string): Promise<ImageContents> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = entries.map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
  const files = entries.filter((entry) => entry.isFile());
  let bytes = 0;
  for (const file of files) bytes += (await stat(path.join(file.parentPath, file.name))).size;
  return {
    files: files.length,
    bytes,
    unwanted: names.filter((name) => UNWANTED.some((pattern) => pattern.test(name))),
  };
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Problem } from '../problem/index.js';
import { TRAILER } from './breaking-finding.js';

const run = promisify(execFile);
const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

/** A commit that the working tree is compared with. */
export interface Base {
  /** As people call it, for instance `origin/main`. */
  readonly name: string;
  /** Text of a file in that commit, null when it was not there. */
  read(file: string): Promise<string | null>;
  /** Paths of the files under a folder in that commit. */
  list(folder: string): Promise<readonly string[]>;
  /** What the `Allow-Breaking` trailers of the commits since then name. */
  readonly allowed: readonly string[];
}

/**
 * The commit where the branch left `ref`: what was added there since then is nobody's loss here. Without `ref` it is
 * origin/main, or HEAD when there is none. Null outside a git checkout and before the first commit.
 * Throws a Problem when `ref` is named and is not there.
 */
export async function openBase(root: string, { ref }: { readonly ref: string | undefined }): Promise<Base | null> {
  const git = async (...parameters: string[]): Promise<string | null> => {
    try {
      const { stdout } = await run('git', ['-C', root, ...parameters], { maxBuffer: LARGEST_FILE_BYTES });
      return stdout;
    } catch {
      // Every question here is "is it there?": git answers no with a non-zero exit, and so does a missing git.
      return null;
    }
  };
  const commitOf = async (name: string): Promise<string | null> =>
    (await git('rev-parse', '--verify', '--quiet', `${name}^{commit}`))?.trim() ?? null;

  const name = ref ?? ((await commitOf('origin/main')) === null ? 'HEAD' : 'origin/main');
  const tip = await commitOf(name);
  if (tip === null) {
    if (ref === undefined) return null;
    throw new Problem(`git knows no commit ${ref} to compare with.`, {
      advice: [`Fetch it (git fetch origin), or name another: --base REF`],
    });
  }
  const commit = (await git('merge-base', tip, 'HEAD'))?.trim() ?? tip;
  const trailers = await git('log', `--format=%(trailers:key=${TRAILER},valueonly,unfold)`, `${commit}..HEAD`);
  return {
    name,
    read: (file) => git('show', `${commit}:./${file}`),
    list: async (folder) =>
      (await git('ls-tree', '-r', '--name-only', commit, '--', `${folder}/`))
        ?.split('\n')
        .filter((line) => line !== '') ?? [],
    allowed: (trailers ?? '')
      .split('\n')
      .map((line) => line.trim().split(/\s/)[0] ?? '')
      .filter((subject) => subject !== ''),
  };
}

import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runQuietly } from './child.mjs';
import { Problem } from './problem.mjs';
import { foldersOf, workspaceFolders } from './workspaces.mjs';

/** Compiles what changed. `start` needs the services and tools only, `test` everything. */
export async function build(root, { purpose, progress, signal }) {
  const projects = purpose === 'start' ? ['gateway', 'tools', ...(await foldersOf(root, 'subgraphs'))] : ['.'];
  const [command, prefix] = await compiler(root);
  const targets = projects.filter((project) => existsSync(path.join(root, project, 'tsconfig.json')));
  await progress.during('building (tsc -b)', async () => {
    const { status, output } = await runQuietly(command, [...prefix, '-b', ...targets], { cwd: root, signal });
    if (status !== 0)
      throw new Problem('the source does not compile.', [
        ...output.trim().split('\n').slice(0, 40),
        'Mend it, then run the command again.',
      ]);
  });
}

/**
 * Removes compiled files whose source is gone: a deleted test would go on running, a deleted migration be applied.
 * Only files that the compiler wrote are touched: it leaves a .js, a .d.ts and a .js.map of the same name.
 */
export async function prune(root) {
  for (const folder of await workspaceFolders(root))
    await pruneFolder(path.join(root, folder, 'dist'), path.join(root, folder, 'src'));
}

async function pruneFolder(compiled, source) {
  if (!existsSync(compiled) || !existsSync(path.dirname(source))) return;
  const entries = await readdir(compiled, { withFileTypes: true });
  const names = new Set(entries.map((entry) => entry.name));
  for (const entry of entries) {
    if (entry.isDirectory()) await pruneFolder(path.join(compiled, entry.name), path.join(source, entry.name));
    if (!entry.name.endsWith('.js')) continue;
    const base = entry.name.slice(0, -3);
    if (!names.has(`${base}.d.ts`) || !names.has(`${base}.js.map`)) continue;
    if (['.ts', '.tsx'].some((suffix) => existsSync(path.join(source, base + suffix)))) continue;
    for (const suffix of ['.js', '.js.map', '.d.ts', '.d.ts.map'])
      await rm(path.join(compiled, base + suffix), { force: true });
  }
}

/** The native compiler itself: `bin/tsc` starts it as a child that would outlive it. */
async function compiler(root) {
  const typescript = path.join(root, 'node_modules', 'typescript');
  const locator = path.join(typescript, 'lib', 'getExePath.js');
  if (!existsSync(locator)) return [process.execPath, [path.join(typescript, 'bin', 'tsc')]];
  const { default: getExePath } = await import(pathToFileURL(locator).href);
  return [getExePath(), []];
}

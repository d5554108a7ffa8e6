// `npm run check`. Its first steps are about code that may not even build, so what runs the steps is compiled here, errors
// or not: the build step tells them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');
const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const main = path.join(root, 'tools', 'dist', 'check', 'main.js');

if (existsSync(compiler)) spawnSync(process.execPath, [compiler, '-b', 'tools'], { cwd: root, stdio: 'ignore' });
if (existsSync(main)) {
  await import(pathToFileURL(main).href);
} else {
  console.error('Nothing is installed here. Run: npm ci');
  process.exitCode = 1;
}

import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** What the linter says about a file. */
export interface LintProblem {
  readonly file: string;
  /** As in .oxlintrc.json, for instance `import/no-cycle`. */
  readonly rule: string;
  readonly message: string;
}

/** A folder that the linter takes for the checkout: its configuration and nothing else, until a test writes files. */
export interface LintSandbox {
  /** Writes the files and lints all that is there. */
  lint(files: Readonly<Record<string, string>>): Promise<readonly LintProblem[]>;
  remove(): Promise<void>;
}

export async function createLintSandbox(): Promise<LintSandbox> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orion-lint-'));
  await copyFile(path.join(ROOT, '.oxlintrc.json'), path.join(folder, '.oxlintrc.json'));
  await copyFile(path.join(ROOT, 'tsconfig.base.json'), path.join(folder, 'tsconfig.base.json'));
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  return {
    async lint(files) {
      for (const [file, text] of Object.entries(files)) {
        const workspace = /^(?:subgraphs\/[^/]+|[^/]+)/.exec(file)?.[0] ?? '';
        const base = `${workspace.includes('/') ? '../..' : '..'}/tsconfig.base.json`;
        await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
        await writeFile(path.join(folder, file), text);
        await writeFile(
          path.join(folder, workspace, 'tsconfig.json'),
          JSON.stringify({ extends: base, include: ['src'] }),
        );
      }
      return runLinter(folder);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Lints the checkout itself with a configuration of the caller's. */
export async function lintCheckout(config: object): Promise<readonly LintProblem[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orion-lint-'));
  try {
    const file = path.join(folder, 'oxlintrc.json');
    await writeFile(file, JSON.stringify(config));
    return await runLinter(ROOT, ['--config', file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runLinter(cwd: string, options: readonly string[] = ['--type-aware']): Promise<readonly LintProblem[]> {
  const script = path.join(ROOT, 'node_modules/oxlint/bin/oxlint');
  return new Promise((resolve, reject) => {
    const started = execFile(
      process.execPath,
      [script, '--format', 'json', ...options],
      { cwd, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        // A failing exit code is what problems look like; output that is not JSON is the linter itself failing.
        try {
          resolve(readReport(stdout));
        } catch {
          reject(new Error(`oxlint failed: ${stderr}${stdout}`, { cause: error }));
        }
      },
    );
    started.stdin?.end();
  });
}

function readReport(stdout: string): readonly LintProblem[] {
  const { diagnostics } = JSON.parse(stdout) as {
    readonly diagnostics: readonly {
      readonly message: string;
      readonly help?: string;
      readonly code: string;
      readonly filename: string;
    }[];
  };
  return diagnostics.map(({ message, help, code, filename }) => ({
    file: filename.replaceAll('\\', '/'),
    rule: code.replace(/^eslint\((.*)\)$/, '$1').replace(/^(\S+)\((.*)\)$/, '$1/$2'),
    message: help === undefined ? message : `${message} ${help}`,
  }));
}

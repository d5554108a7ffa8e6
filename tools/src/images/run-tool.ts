import path from 'node:path';
import { Problem } from '../problem/index.js';

/** The checkout that this file was compiled in. */
export const REPOSITORY = path.resolve(import.meta.dirname, '..', '..', '..');

/** Runs a command-line tool: what it resolves with is the exit status; a Problem is shown without a stack. */
export async function runTool(tool: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await tool();
  } catch (error) {
    console.error(error instanceof Problem ? [error.message, ...error.advice].join('\n') : error);
    process.exitCode = 1;
  }
}

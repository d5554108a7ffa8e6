import { open, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../problem/index.js';

/** The log file of one service. Processes write to it themselves, so it costs the launcher nothing. */
export interface ServiceLog {
  readonly file: string;
  /** To be given to a process as its output. */
  readonly descriptor: number;
  /** Its last lines. */
  tail(lines: number): Promise<readonly string[]>;
  close(): Promise<void>;
}

const TAIL_BYTES = 16_384;

/** Opens `<folder>/<name>.log` anew, in a folder that exists; the one of the run before stays as `<name>.previous.log`. */
export async function openServiceLog(folder: string, { name }: { readonly name: string }): Promise<ServiceLog> {
  const file = path.join(folder, `${name}.log`);
  await rename(file, path.join(folder, `${name}.previous.log`)).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  // Appending: what a restarted process writes comes after what the one before it wrote.
  const handle = await open(file, 'a+', 0o600);
  return {
    file,
    descriptor: handle.fd,
    tail: (lines) => lastLines(handle, { lines }),
    close: () => handle.close(),
  };
}

async function lastLines(handle: FileHandle, { lines }: { readonly lines: number }): Promise<readonly string[]> {
  const { size } = await handle.stat();
  const start = Math.max(0, size - TAIL_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n').slice(-lines);
}

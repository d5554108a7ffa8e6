import { execFile } from 'node:child_process';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCode } from '../problem/index.js';
import { commandOf } from '../process-info/index.js';

/** Who listens on a port. */
export interface PortHolder {
  readonly pid: number;
  /** Command line; null when the system does not tell. */
  readonly command: string | null;
}

/** The process that listens on a TCP port of this machine; null when there is none or it cannot be seen from here. */
export async function portHolder(port: number): Promise<PortHolder | null> {
  const pid = process.platform === 'linux' ? await listenerFromProc(port) : await listenerFromLsof(port);
  return pid === null ? null : { pid, command: await commandOf(pid) };
}

/** For a sentence: `node server.js (pid 42)`, or `another process`. */
export function describeHolder(holder: PortHolder | null): string {
  if (holder === null) return 'another process';
  // The program by its name: where it is installed says little, and takes the room of its arguments.
  const command = holder.command?.replace(/^\S*\//, '') ?? 'a process';
  return `${command.length > 120 ? `${command.slice(0, 117)}...` : command} (pid ${holder.pid})`;
}

async function listenerFromProc(port: number): Promise<number | null> {
  const inodes = new Set((await Promise.all(['tcp', 'tcp6'].map((table) => listeningInodes(table, { port })))).flat());
  if (inodes.size === 0) return null;
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await holdsSocket(entry, { inodes }))) return Number(entry);
  }
  return null;
}

/** Lines of /proc/net/tcp (proc(5)): `sl local_address rem_address st ... inode`; state 0A is LISTEN. */
async function listeningInodes(table: string, { port }: { readonly port: number }): Promise<string[]> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const text = await readFile(`/proc/net/${table}`, 'utf8').catch(unlessHidden);
  return (text ?? '').split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [local, state, inode] = [fields[1], fields[3], fields[9]];
    return local?.endsWith(`:${hexPort}`) === true && state === '0A' && inode !== undefined ? [inode] : [];
  });
}

async function holdsSocket(pid: string, { inodes }: { readonly inodes: ReadonlySet<string> }): Promise<boolean> {
  const descriptors = (await readdir(`/proc/${pid}/fd`).catch(unlessHidden)) ?? [];
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(unlessHidden);
    const inode = target === undefined ? null : /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== null && inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

/** Processes end while one looks, and those of others may not be looked at. */
function unlessHidden(error: unknown): undefined {
  if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL'].includes(errorCode(error) ?? '')) return undefined;
  throw error;
}

async function listenerFromLsof(port: number): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp']);
    const pid = /^p(\d+)$/m.exec(stdout)?.[1];
    return pid === undefined ? null : Number(pid);
  } catch {
    // lsof is not here or sees nobody: the caller then says "another process".
    return null;
  }
}

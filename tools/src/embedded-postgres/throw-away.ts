import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from './cluster.js';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './cluster.js';

/** Starts a server on a new temporary folder, without flushing to disk; `stop` removes the folder. */
export async function startThrowAwayPostgres(
  options: Omit<EmbeddedPostgresOptions, 'dataDir' | 'durable' | 'removeAfter'> = {},
): Promise<EmbeddedPostgres> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'orion-postgres-'));
  const remove = async (folder: string): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await chmod(dataDir, 0o700);
    const server = await startEmbeddedPostgres({ port: 0, ...options, dataDir, durable: false, removeAfter: true });
    return {
      ...server,
      async stop(patience) {
        await server.stop(patience);
        await remove(server.dataDir);
      },
    };
  } catch (error) {
    await remove(dataDir);
    throw error;
  }
}

import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { folderProblem } from '../embedded-postgres/index.js';
import { Problem, errorCode } from '../problem/index.js';

/** Made at the first start, kept beside the data they protect. */
const secretsSchema = z.object({
  /** HMAC key of the signed context. */
  contextSecret: z.string().min(32),
  /** AES-256 key, base64. */
  sealingKey: z.base64(),
  /** Password of each database role, by the name of its service. */
  databasePasswords: z.record(z.string(), z.string().min(16)),
});

export type Secrets = z.infer<typeof secretsSchema>;

/**
 * Reads secrets.json of the folder and adds what is missing; the file can be read by its owner only. Variables of the
 * environment win over the file and are not written to it.
 */
export async function loadSecrets(
  folder: string,
  { services }: { readonly services: readonly string[] },
): Promise<Secrets> {
  const file = path.join(folder, 'secrets.json');
  try {
    const kept = await readSecrets(file);
    const missing = services.filter((service) => kept?.databasePasswords[service] === undefined);
    const secrets: Secrets = {
      contextSecret: kept?.contextSecret ?? randomBytes(32).toString('base64url'),
      sealingKey: kept?.sealingKey ?? randomBytes(32).toString('base64'),
      databasePasswords: {
        ...kept?.databasePasswords,
        ...Object.fromEntries(missing.map((service) => [service, randomBytes(18).toString('base64url')])),
      },
    };
    if (kept === null || missing.length > 0) await writeSecrets(file, { secrets });
    return {
      ...secrets,
      contextSecret: process.env['ORION_CONTEXT_SECRET'] ?? secrets.contextSecret,
      sealingKey: process.env['ORION_SEALING_KEY'] ?? secrets.sealingKey,
    };
  } catch (error) {
    throw folderProblem(error, { folder });
  }
}

async function readSecrets(file: string): Promise<Secrets | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Problem(`${file} cannot be read: it is not the file that was written there.`, {
      advice: ['Restore it, or remove the folder that holds it: all data is then made anew.'],
      cause: error,
    });
  }
}

async function writeSecrets(file: string, { secrets }: { readonly secrets: Secrets }): Promise<void> {
  const staging = `${file}.${process.pid}`;
  await writeFile(staging, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(staging, file);
}

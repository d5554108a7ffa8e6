import { ConfigError, loadConfig } from '@orion/platform/config';
import { z } from 'zod';
import { ensureDatabases } from '../platform/databases.js';
import { Problem } from '../problem/index.js';

/**
 * One-shot of a deployment: a database and a role for every service that has a `NAME_DATABASE_PASSWORD` in the
 * environment, called orion_name. What exists is kept; passwords are set anew. Exits 78 when the environment is not
 * usable, 1 when the server is not.
 */
const VARIABLE = /^([A-Z][A-Z0-9_]*)_DATABASE_PASSWORD$/;
const PREFIX = 'orion';
const EXIT_CONFIG = 78;

const url = z.url({ protocol: /^postgres(ql)?$/ });
const password = z
  .string()
  .min(16, 'at least 16 characters, for instance from `openssl rand -hex 24`')
  .regex(/^[\w.~-]*$/, 'letters, digits and . _ ~ - only: it becomes part of a URL');

async function main(): Promise<void> {
  const variables = Object.keys(process.env).filter((name) => VARIABLE.test(name));
  const schema = z.object({ DATABASE_URL: url, ...Object.fromEntries(variables.map((name) => [name, password])) });
  const config = loadConfig(schema) as Readonly<Record<string, string>>;
  if (variables.length === 0) throw new ConfigError(['no NAME_DATABASE_PASSWORD is set: there is nothing to create']);
  const passwords = Object.fromEntries(
    variables.map((name) => [name.replace(VARIABLE, '$1').toLowerCase().replaceAll('_', '-'), config[name] ?? '']),
  );
  await ensureDatabases(config['DATABASE_URL'] ?? '', { passwords, prefix: PREFIX, exclusive: true });
  console.log(`databases and roles are ready: ${Object.keys(passwords).toSorted().join(', ')}`);
}

main().catch((error: unknown) => {
  console.error(
    error instanceof Problem
      ? [error.message, ...error.advice].join('\n')
      : error instanceof ConfigError
        ? error.message
        : error,
  );
  process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
});

import { readFile } from 'node:fs/promises';
import { ConfigError } from '@orion/platform/config';
import { z } from 'zod';

/** https://www.apollographql.com/docs/kotlin/advanced/persisted-queries#operation-manifest-format */
const apolloSchema = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});
/** Documents by id: what Relay's compiler and the client preset of graphql-codegen write. */
const mapSchema = z.record(z.string().min(1), z.string().min(1));

/** Documents by id. Throws ConfigError for a file that cannot be read or is no manifest. */
export async function readManifest(file: string): Promise<ReadonlyMap<string, string>> {
  const content = await readJson(file);
  const apollo = apolloSchema.safeParse(content);
  if (apollo.success) return new Map(apollo.data.operations.map(({ id, body }) => [id, body]));
  const documents = mapSchema.safeParse(content);
  if (documents.success) return new Map(Object.entries(documents.data));
  throw new ConfigError([
    `PERSISTED_DOCUMENTS: ${file} is no manifest: neither Apollo's (apollo-persisted-query-manifest) nor an object of documents by id, as Relay and graphql-codegen write it`,
  ]);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw new ConfigError([`PERSISTED_DOCUMENTS: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

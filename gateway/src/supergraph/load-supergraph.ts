import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError } from '@orion/platform/config';
import type { SubgraphAddress } from '../execution/subgraph-call.js';
import type { SupergraphSource } from '../settings.js';
import { composeInThread } from './compose-thread.js';
import type { SubgraphSdl } from './compose.js';
import { readRoverConfig } from './rover-config.js';
import type { RoverSubgraph } from './rover-config.js';
import { askSubgraph } from './subgraph-access.js';
import type { SubgraphAccess } from './subgraph-access.js';

/** A supergraph as it is now. */
export interface LoadedSupergraph {
  readonly sdl: string;
  /** Files that it was made of. */
  readonly files: readonly string[];
  /** Something of it came from a running subgraph, and only asking again tells whether it changed. */
  readonly isIntrospected: boolean;
}

/** Sources that the gateway loads itself. */
export type LoadedSource = Exclude<SupergraphSource, { readonly manager: unknown }>;

/**
 * Reads, introspects and composes. Throws ConfigError for an unusable configuration, CompositionError for subgraphs
 * that do not fit, and a GraphQLError of the client for a subgraph that does not answer.
 */
export async function loadSupergraph(source: LoadedSource, access: SubgraphAccess): Promise<LoadedSupergraph> {
  if ('sdl' in source) return { sdl: source.sdl, files: [], isIntrospected: false };
  if ('file' in source)
    return { sdl: await readText(source.file), files: [resolve(source.file)], isIntrospected: false };
  const subgraphs = await readRoverConfig(source.roverConfig);
  refuseUnknownNames(subgraphs, access.subgraphUrls);
  const sdls = await Promise.all(subgraphs.map((subgraph) => readSubgraph(subgraph, access)));
  return {
    sdl: await composeInThread(sdls),
    files: filesOf(source.roverConfig, subgraphs),
    isIntrospected: subgraphs.some(({ schema }) => schema.kind === 'introspection'),
  };
}

/** The files to watch even when loading fails: repairing one of them is what makes it succeed. */
export async function watchedFiles(source: LoadedSource): Promise<readonly string[]> {
  if ('sdl' in source) return [];
  if ('file' in source) return [resolve(source.file)];
  try {
    return filesOf(source.roverConfig, await readRoverConfig(source.roverConfig));
  } catch (error) {
    if (error instanceof ConfigError) return [resolve(source.roverConfig)];
    throw error;
  }
}

function filesOf(roverConfig: string, subgraphs: readonly RoverSubgraph[]): string[] {
  return [resolve(roverConfig), ...subgraphs.flatMap(({ schema }) => (schema.kind === 'file' ? [schema.path] : []))];
}

async function readSubgraph({ name, routingUrl, schema }: RoverSubgraph, access: SubgraphAccess): Promise<SubgraphSdl> {
  const url = access.subgraphUrls[name] ?? routingUrl;
  switch (schema.kind) {
    case 'file':
      return { name, url, sdl: await readText(schema.path), origin: schema.path };
    case 'sdl':
      return { name, url, sdl: schema.sdl, origin: `sdl of ${name}` };
    case 'introspection': {
      const address = access.subgraphUrls[name] ?? schema.url;
      return { name, url, sdl: await introspect({ name, url: address }, access), origin: address };
    }
  }
}

/** https://www.apollographql.com/docs/graphos/reference/federation/subgraph-spec#query_service */
async function introspect(subgraph: SubgraphAddress, access: SubgraphAccess): Promise<string> {
  const { data, errors } = await askSubgraph(subgraph, { access, body: '{"query":"{ _service { sdl } }"}' });
  const sdl = (data?.['_service'] as { readonly sdl?: unknown } | null | undefined)?.sdl;
  if (typeof sdl !== 'string')
    throw new Error(`${subgraph.name} (${subgraph.url}) has no SDL to give: ${errors?.[0]?.message ?? 'empty answer'}`);
  return sdl;
}

function refuseUnknownNames(subgraphs: readonly RoverSubgraph[], overrides: Readonly<Record<string, string>>): void {
  const names = subgraphs.map(({ name }) => name);
  const unknown = Object.keys(overrides).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new ConfigError(
      unknown.map((name) => `SUBGRAPH_URLS names ${name}, which is no subgraph (there are: ${names.join(', ')})`),
    );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError([`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

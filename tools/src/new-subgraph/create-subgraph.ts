import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listSubgraphs } from '../platform/subgraph-catalog.js';
import { Problem, errorCode } from '../problem/index.js';
import { readRoverConfig, ROVER_FILE } from '../schema/rover-config.js';
import { spell } from './names.js';
import type { SubgraphNames } from './names.js';
import { fillTemplate } from './template.js';

const FIRST_PORT = 4001;

/** A subgraph that was made. */
export interface CreatedSubgraph extends SubgraphNames {
  readonly port: number;
  /** Paths from the root of the checkout. */
  readonly created: readonly string[];
  readonly changed: readonly string[];
}

/**
 * Writes a new subgraph with one working feature, and refers to it in the root's tsconfig.json: nothing else has to
 * know it. Throws a Problem when the name cannot be used; then nothing was written.
 */
export async function createSubgraph(root: string, { name }: { readonly name: string }): Promise<CreatedSubgraph> {
  const own = await listSubgraphs(root);
  const foreign = await foreignSubgraphs(root);
  const names = spell(name, { taken: [...own, ...foreign].map((subgraph) => subgraph.name) });
  const used = new Set([...own, ...foreign].map(({ port }) => port));
  let port = FIRST_PORT;
  while (used.has(port)) port += 1;

  const platform = await readManifest(root, { folder: 'platform' });
  const { version } = await readManifest(root, { folder: '.' });
  const dependencies = { ...platform.dependencies, '@orion/platform': platform.version };
  const files = await fillTemplate({ ...names, port, version, dependencies });
  const folder = `subgraphs/${name}`;
  await mkdir(path.join(root, folder)).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
    throw new Problem(`${folder} is there already, without a package.json.`, {
      advice: [`Remove it: rm -r ${folder}`],
    });
  });
  const created = [...files.keys()].map((file) => `${folder}/${file}`);
  for (const [file, text] of files) {
    const target = path.join(root, folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text, { flag: 'wx' });
  }
  await addReference(root, { folder });
  return { ...names, port, created, changed: ['tsconfig.json'] };
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function readManifest(root: string, { folder }: { readonly folder: string }): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

/** Subgraphs that live elsewhere use a name and may use a port of this machine. */
async function foreignSubgraphs(
  root: string,
): Promise<readonly { readonly name: string; readonly port: number | null }[]> {
  const text = await readFile(path.join(root, ROVER_FILE), 'utf8').catch((error: unknown) => {
    // Before the first `npm run schema`.
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  return readRoverConfig(text).map(({ name, routingUrl }) => ({ name, port: localPort(routingUrl) }));
}

function localPort(url: string): number | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port } = new URL(url);
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) && port !== '' ? Number(port) : null;
}

/** `tsc -b` builds what the root refers to; the new line goes behind those of the other subgraphs. */
async function addReference(root: string, { folder }: { readonly folder: string }): Promise<void> {
  const file = path.join(root, 'tsconfig.json');
  const text = await readFile(file, 'utf8');
  const config = JSON.parse(text) as { references: { readonly path: string }[] };
  const index = config.references.findLastIndex((reference) => reference.path.startsWith('subgraphs/'));
  config.references.splice(index + 1, 0, { path: folder });
  const references = config.references
    .map((reference) => `    { "path": ${JSON.stringify(reference.path)} }`)
    .join(',\n');
  await writeFile(file, text.replace(/("references"\s*:\s*)\[[^\]]*\]/, `$1[\n${references}\n  ]`));
}

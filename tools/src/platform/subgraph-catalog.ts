import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Problem, errorCode } from '../problem/index.js';

/** A folder of subgraphs/. */
export interface CataloguedSubgraph {
  readonly name: string;
  /** `orion.port` of its package.json. */
  readonly port: number;
}

/** The subgraphs of the checkout, by port: every folder of subgraphs/ that has a package.json. */
export async function listSubgraphs(root: string): Promise<readonly CataloguedSubgraph[]> {
  const folder = path.join(root, 'subgraphs');
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => readSubgraph(folder, { name: entry.name })),
  );
  const subgraphs = found.filter((subgraph) => subgraph !== null).toSorted((a, b) => a.port - b.port);
  for (const [index, subgraph] of subgraphs.entries()) {
    const next = subgraphs[index + 1];
    if (next?.port === subgraph.port) {
      throw new Problem(`subgraphs/${subgraph.name} and subgraphs/${next.name} both want port ${subgraph.port}.`, {
        advice: ['Give one of them another "orion": {"port": ...} in its package.json.'],
      });
    }
  }
  return subgraphs;
}

async function readSubgraph(folder: string, { name }: { readonly name: string }): Promise<CataloguedSubgraph | null> {
  const file = path.join(folder, name, 'package.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    // A folder left by another branch, with nothing but dist/ in it.
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const { orion } = JSON.parse(text) as { readonly orion?: { readonly port?: unknown } };
  if (typeof orion?.port !== 'number' || !Number.isInteger(orion.port)) {
    throw new Problem(`${file} names no port.`, {
      advice: ['Add "orion": {"port": 4005} (a port no other subgraph has).'],
    });
  }
  return { name, port: orion.port };
}

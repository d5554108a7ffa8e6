import { Document, isMap, isScalar, parseDocument } from 'yaml';
import type { CataloguedSubgraph } from '../platform/subgraph-catalog.js';
import { Problem } from '../problem/index.js';

/** Path of the file that says what the supergraph is made of. */
export const ROVER_FILE = 'rover.yaml';

const HEADER = ` What the supergraph is made of, as \`rover supergraph compose --config rover.yaml\` reads it.
 \`npm run schema\` keeps the entries of the folders in subgraphs/; entries for subgraphs that live elsewhere are yours.`;

/** One entry of rover.yaml. */
export interface RoverSubgraph {
  readonly name: string;
  /** Where the gateway sends its fetches. */
  readonly routingUrl: string;
  /** Path of the SDL from the root of the checkout, null when it is only to be had from `subgraphUrl`. */
  readonly schemaFile: string | null;
  /** A running subgraph that tells its SDL (`{ _service { sdl } }`), null when a file is named. */
  readonly subgraphUrl: string | null;
  /** From 1, in rover.yaml. */
  readonly line: number;
}

/** rover.yaml after the entries of the folders were put in. */
export interface RoverConfig {
  readonly text: string;
  readonly subgraphs: readonly RoverSubgraph[];
}

/** Where the SDL of a subgraph is kept. */
export function sdlFile(name: string): string {
  return `schema/subgraphs/${name}.graphql`;
}

/**
 * Puts an entry for each folder into rover.yaml and leaves every other entry, key and comment as it is. Entries in
 * `gone` are removed. Throws a Problem when the file is not YAML or an entry names no schema.
 */
export function updateRoverConfig(
  current: string | null,
  { folders, gone }: { readonly folders: readonly CataloguedSubgraph[]; readonly gone: readonly string[] },
): RoverConfig {
  const document = current === null ? newDocument() : parseDocument(current);
  const [fault] = document.errors;
  if (fault !== undefined) throw new Problem(`${ROVER_FILE} is not YAML: ${fault.message}`);
  let changes = current === null ? 1 : 0;
  const set = (path: readonly string[], value: unknown): void => {
    document.setIn(path, value);
    changes += 1;
  };
  if (!document.has('federation_version')) set(['federation_version'], 2);
  if (!isMap(document.get('subgraphs', true))) set(['subgraphs'], document.createNode({}));
  for (const name of gone) if (document.deleteIn(['subgraphs', name])) changes += 1;
  for (const { name, port } of folders) {
    const [routing, file] = [
      ['subgraphs', name, 'routing_url'],
      ['subgraphs', name, 'schema', 'file'],
    ] as const;
    if (document.getIn(routing) !== routingUrl(port)) set(routing, routingUrl(port));
    if (document.getIn(file) !== sdlFile(name)) set(file, sdlFile(name));
  }
  // Written anew only when it has to be: even a faithful printer moves a comment now and then.
  const text = current === null || changes > 0 ? document.toString({ lineWidth: 0 }) : current;
  return { text, subgraphs: readRoverConfig(text) };
}

function routingUrl(port: number): string {
  return `http://127.0.0.1:${port}/graphql`;
}

/** The entries of rover.yaml. Throws a Problem that names the entry and its line when one cannot be used. */
export function readRoverConfig(text: string): readonly RoverSubgraph[] {
  const document = parseDocument(text);
  const subgraphs = document.get('subgraphs', true);
  if (!isMap(subgraphs)) return [];
  return subgraphs.items.map(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : String(key);
    const start = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
    const line = text.slice(0, start).split('\n').length;
    const read = (...path: string[]): string | null => {
      const found: unknown = isMap(value) ? value.getIn(path) : undefined;
      return typeof found === 'string' ? found : null;
    };
    const schemaFile = read('schema', 'file');
    const subgraphUrl = read('schema', 'subgraph_url');
    const url = read('routing_url') ?? subgraphUrl;
    if (url === null || (schemaFile === null && subgraphUrl === null)) {
      throw new Problem(`${ROVER_FILE}:${line}: subgraph ${name} needs a routing_url and a schema.`, {
        advice: [
          `Write under ${name}:`,
          '  routing_url: http://host:port/graphql',
          `  schema: { file: ${sdlFile(name)} }    (or { subgraph_url: http://host:port/graphql })`,
        ],
      });
    }
    return { name, routingUrl: url, schemaFile, subgraphUrl, line };
  });
}

function newDocument(): Document {
  const document = new Document({});
  document.commentBefore = HEADER;
  return document;
}

import { readFile } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '@orion/platform/config';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Node, Pair, YAMLMap } from 'yaml';

/** Where a subgraph's SDL is. */
export type SchemaLocation =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'introspection'; readonly url: string }
  | { readonly kind: 'sdl'; readonly sdl: string };

export interface RoverSubgraph {
  readonly name: string;
  readonly routingUrl: string;
  readonly schema: SchemaLocation;
}

/**
 * Reads a supergraph configuration as the rover CLI does (https://www.apollographql.com/docs/rover/commands/supergraphs).
 * Paths are relative to the file. Throws ConfigError with every problem as `file:line: what is wrong`.
 */
export async function readRoverConfig(path: string): Promise<readonly RoverSubgraph[]> {
  const file = resolve(path);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError([`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  });
  const reader = new Reader(text, { path, directory: dirname(file) });
  const subgraphs = reader.read();
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return subgraphs;
}

const ROOT_KEYS = ['federation_version', 'subgraphs'];
const SUBGRAPH_KEYS = ['routing_url', 'schema'];
const SCHEMA_KEYS = ['file', 'subgraph_url', 'sdl'];

/** Walks the document and notes every problem, so that one look at the message is enough to repair the file. */
class Reader {
  readonly problems: string[] = [];
  readonly #lines = new LineCounter();
  readonly #text: string;
  readonly #path: string;
  readonly #directory: string;

  constructor(text: string, { path, directory }: { readonly path: string; readonly directory: string }) {
    this.#text = text;
    this.#path = path;
    this.#directory = directory;
  }

  read(): RoverSubgraph[] {
    const document = parseDocument(this.#text, { lineCounter: this.#lines });
    for (const error of document.errors) this.#complain(error.pos[0], error.message.split('\n')[0] ?? error.code);
    if (document.errors.length > 0) return [];
    const root = document.contents;
    if (!isMap(root)) {
      this.#complain(0, 'expected a mapping with `subgraphs`');
      return [];
    }
    this.#refuseUnknown(root, { known: ROOT_KEYS, where: 'at the top' });
    this.#checkVersion(root);
    const subgraphs = root.get('subgraphs', true) as Node | undefined;
    if (!isMap(subgraphs) || subgraphs.items.length === 0) {
      this.#complain(offsetOf(subgraphs ?? root), '`subgraphs` must name at least one subgraph');
      return [];
    }
    return subgraphs.items.flatMap((pair) => this.#readSubgraph(pair));
  }

  #checkVersion(root: YAMLMap): void {
    const node = root.get('federation_version', true) as Node | undefined;
    const value = isScalar(node) ? String(node.value) : undefined;
    if (value !== undefined && !/^=?2(\.\d+(\.\d+)?)?$/.test(value)) {
      this.#complain(offsetOf(node), `federation_version ${value} is not supported: write 2 or =2.x.y`);
    }
  }

  #readSubgraph(pair: Pair): RoverSubgraph[] {
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    const body = pair.value;
    if (!isMap(body)) {
      this.#complain(offsetOf(pair.key), `subgraph ${name} must be a mapping with routing_url and schema`);
      return [];
    }
    this.#refuseUnknown(body, { known: SUBGRAPH_KEYS, where: `in subgraph ${name}` });
    const schema = this.#readSchema(body, { name, key: pair.key });
    const routingUrl =
      this.#readString(body, 'routing_url') ?? (schema?.kind === 'introspection' ? schema.url : undefined);
    if (routingUrl === undefined) this.#complain(offsetOf(pair.key), `subgraph ${name} has no routing_url`);
    else if (!isHttpUrl(routingUrl))
      this.#complain(
        offsetOf(body.get('routing_url', true)),
        `routing_url of ${name} is not an http(s) URL: ${routingUrl}`,
      );
    return schema === undefined || routingUrl === undefined ? [] : [{ name, routingUrl, schema }];
  }

  #readSchema(
    body: YAMLMap,
    { name, key }: { readonly name: string; readonly key: unknown },
  ): SchemaLocation | undefined {
    const node = body.get('schema', true) as Node | undefined;
    if (!isMap(node)) {
      this.#complain(offsetOf(node ?? key), `subgraph ${name} needs schema.file, schema.subgraph_url or schema.sdl`);
      return undefined;
    }
    this.#refuseUnknown(node, { known: SCHEMA_KEYS, where: `in schema of ${name}` });
    const given = SCHEMA_KEYS.filter((schemaKey) => node.has(schemaKey));
    if (given.length !== 1) {
      this.#complain(offsetOf(node), `schema of ${name} must have exactly one of ${SCHEMA_KEYS.join(', ')}`);
      return undefined;
    }
    const file = this.#readString(node, 'file');
    if (file !== undefined) return this.#locateFile(file, { name, offset: offsetOf(node.get('file', true)) });
    const url = this.#readString(node, 'subgraph_url');
    if (url !== undefined) {
      if (!isHttpUrl(url)) this.#complain(offsetOf(node), `subgraph_url of ${name} is not an http(s) URL: ${url}`);
      return { kind: 'introspection', url };
    }
    const sdl = this.#readString(node, 'sdl');
    return sdl === undefined ? undefined : { kind: 'sdl', sdl };
  }

  #locateFile(file: string, { name, offset }: { readonly name: string; readonly offset: number }): SchemaLocation {
    const path = resolve(this.#directory, file);
    if (!existsSync(path) || !statSync(path).isFile())
      this.#complain(offset, `schema file of ${name} does not exist: ${file} (looked at ${path})`);
    return { kind: 'file', path };
  }

  #readString(map: YAMLMap, key: string): string | undefined {
    const node = map.get(key, true) as Node | undefined;
    if (node === undefined) return undefined;
    if (isScalar(node) && typeof node.value === 'string') return node.value;
    this.#complain(offsetOf(node), `${key} must be text`);
    return undefined;
  }

  #refuseUnknown(map: YAMLMap, { known, where }: { readonly known: readonly string[]; readonly where: string }): void {
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : '?';
      if (!known.includes(name))
        this.#complain(offsetOf(key), `unknown key ${name} ${where} (known: ${known.join(', ')})`);
    }
  }

  #complain(offset: number, what: string): void {
    this.problems.push(`${this.#path}:${this.#lines.linePos(offset).line}: ${what}`);
  }
}

function offsetOf(node: unknown): number {
  return (node as Node | undefined)?.range?.[0] ?? 0;
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

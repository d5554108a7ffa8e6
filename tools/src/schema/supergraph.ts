import { composeServices } from '@apollo/composition';
import { GraphQLError, lexicographicSortSchema, parse, printSchema } from 'graphql';
import type { ASTNode, DocumentNode } from 'graphql';
import { adviceFor } from './composition-advice.js';
import type { Finding } from './finding.js';
import { lineOf, lineOfCoordinate } from './schema-lines.js';

/** A subgraph as composition takes it. */
export interface SubgraphSdl {
  readonly name: string;
  readonly url: string;
  /** Path of the SDL from the root of the checkout: findings point into it. */
  readonly file: string;
  readonly sdl: string;
  /** Whether it is a folder of this checkout. */
  readonly isOwn: boolean;
}

/** What composition makes of the subgraphs; the texts are null when it failed. */
export interface Supergraph {
  readonly supergraph: string | null;
  /** What clients see: no trace of federation. */
  readonly api: string | null;
  readonly findings: readonly Finding[];
}

/** Hints below this level are for those who write composition. */
const WARNING_LEVEL = 'WARN';

/** The parsed subgraphs by name. */
type Sources = ReadonlyMap<string, { readonly file: string; readonly document: DocumentNode }>;

/** Composes as the gateway and rover do. Errors become findings in the subgraphs' SDL files. */
export function composeSubgraphs(subgraphs: readonly SubgraphSdl[]): Supergraph {
  const sources = new Map<string, { file: string; document: DocumentNode }>();
  const unreadable: Finding[] = [];
  for (const { name, file, sdl } of subgraphs) {
    try {
      sources.set(name, { file, document: parse(sdl) });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const line = error.locations?.[0]?.line ?? null;
      unreadable.push({ file, line, message: `${name}: ${error.message}`, severity: 'error' });
    }
  }
  if (unreadable.length > 0) return { supergraph: null, api: null, findings: unreadable };
  const result = composeServices(
    subgraphs.flatMap(({ name, url }) => {
      const source = sources.get(name);
      return source === undefined ? [] : [{ name, url, typeDefs: source.document }];
    }),
  );
  if (result.errors !== undefined) {
    return { supergraph: null, api: null, findings: result.errors.flatMap((error) => findingsOf(error, { sources })) };
  }
  const warnings = result.hints.filter(({ definition }) => definition.level.name === WARNING_LEVEL);
  return {
    supergraph: `${result.supergraphSdl.trimEnd()}\n`,
    api: `${printSchema(lexicographicSortSchema(result.schema.toAPISchema().toGraphQLJSSchema()))}\n`,
    findings: warnings.map(({ definition, message, nodes = [] }) => ({
      ...(placesOf(message, { nodes, sources })[0] ?? SOMEWHERE),
      message: `${definition.code}: ${message}`,
      severity: 'warning',
    })),
  };
}

/** One finding for each place that the error is about, so that each side of a conflict can be found. */
function findingsOf(error: GraphQLError, { sources }: { readonly sources: Sources }): Finding[] {
  const { code: given } = error.extensions;
  const code = typeof given === 'string' ? given : 'COMPOSITION_FAILED';
  const hint = adviceFor(code);
  const places = placesOf(error.message, { nodes: error.nodes ?? [], sources });
  return (places.length > 0 ? places : [SOMEWHERE]).map((place) => ({
    ...place,
    message: `${code}: ${error.message}`,
    severity: 'error',
    ...(hint === undefined ? {} : { hint }),
  }));
}

interface Place {
  readonly file: string;
  readonly line: number | null;
}

const SOMEWHERE: Place = { file: 'rover.yaml', line: null };

/** Where the nodes stand; without nodes, where the subgraphs and the schema coordinate of the message are. */
function placesOf(
  message: string,
  { nodes, sources }: { readonly nodes: readonly ASTNode[]; readonly sources: Sources },
): readonly Place[] {
  const coordinate = /\b([A-Z]\w*\.\w+)/.exec(message)?.[1] ?? /type "(\w+)"/.exec(message)?.[1] ?? '';
  const ofNodes = nodes.flatMap((node) => {
    const source = sources.get(subgraphOf(node) ?? '');
    return source === undefined ? [] : [{ file: source.file, line: lineOf(node) }];
  });
  const ofText = [...message.matchAll(/"([\w-]+)"|\[([\w-]+)\]/g)].flatMap(([, quoted, bracketed]) => {
    const source = sources.get(quoted ?? bracketed ?? '');
    return source === undefined ? [] : [{ file: source.file, line: lineOfCoordinate(source.document, coordinate) }];
  });
  const distinct = new Map(
    (ofNodes.length > 0 ? ofNodes : ofText).map((place) => [`${place.file}:${place.line}`, place]),
  );
  return [...distinct.values()];
}

/** Composition notes on each node which subgraph it came from. */
function subgraphOf(node: ASTNode): string | undefined {
  return 'subgraph' in node && typeof node.subgraph === 'string' ? node.subgraph : undefined;
}

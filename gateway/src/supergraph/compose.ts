import { GraphQLError, parse, Source } from 'graphql';
import type { DocumentNode } from 'graphql';

/** A subgraph ready to be composed. */
export interface SubgraphSdl {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
  /** How messages name the SDL: a file or a URL. */
  readonly origin: string;
}

/** One thing that keeps the subgraphs from forming a graph. */
export interface CompositionProblem {
  /** Undefined when it is nobody's alone. */
  readonly subgraph: string | undefined;
  /** `origin:line: message` where the place is known. */
  readonly message: string;
}

/** The subgraphs do not form a graph. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
  readonly problems: readonly CompositionProblem[];

  constructor(problems: readonly CompositionProblem[]) {
    super(`the supergraph cannot be composed:\n${problems.map((problem) => `  - ${problem.message}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Composes subgraphs into supergraph SDL. Throws {@link CompositionError} with every problem. */
export async function composeSupergraph(subgraphs: readonly SubgraphSdl[]): Promise<string> {
  const parsed = subgraphs.map((subgraph) => ({ subgraph, document: parseSdl(subgraph) }));
  const broken = parsed.flatMap(({ document }) => (document instanceof CompositionError ? document.problems : []));
  if (broken.length > 0) throw new CompositionError(broken);
  // Loaded when it is needed: a gateway that reads a ready supergraph starts without it.
  const { composeServices } = await import('@apollo/composition');
  const services = parsed.map(({ subgraph: { name, url }, document }) => ({
    name,
    url,
    typeDefs: document as DocumentNode,
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined)
    throw new CompositionError((errors ?? []).map((error) => describe(error, subgraphs)));
  return supergraphSdl;
}

function parseSdl({ name, sdl, origin }: SubgraphSdl): DocumentNode | CompositionError {
  try {
    return parse(new Source(sdl, origin));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const line = error.locations?.[0]?.line ?? 1;
    return new CompositionError([{ subgraph: name, message: `${origin}:${line}: ${error.message}` }]);
  }
}

/** An error's nodes are those of the parsed SDL, so they know where they stand. */
function describe(error: GraphQLError, subgraphs: readonly SubgraphSdl[]): CompositionProblem {
  const locations = (error.nodes ?? []).flatMap(({ loc }) => (loc === undefined ? [] : [loc]));
  const places = locations
    .filter(({ source }) => subgraphs.some(({ origin }) => origin === source.name))
    .map(({ source, startToken }) => `${source.name}:${startToken.line}`);
  const first = subgraphs.find(({ origin }) => origin === locations[0]?.source.name);
  return {
    subgraph: /^\[([^\]]+)\]/.exec(error.message)?.[1] ?? first?.name,
    message: [...new Set(places), error.message].join(': '),
  };
}

import { execute, parse, validate } from 'graphql';
import type { ExecutionResult } from 'graphql';
import type { CheckedDocument, FederatedGraph } from './federated-graph.js';

export type Variables = Readonly<Record<string, unknown>>;

/** An answer as both sides give it. */
export interface ComparableAnswer {
  /** JSON text of `data`, byte for byte as it was sent; undefined when there is none. */
  readonly data: string | undefined;
  readonly errors: readonly AnswerProblem[];
}

export interface AnswerProblem {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
}

/** What the gateway answers. */
export async function askGateway(
  graph: FederatedGraph,
  query: string,
  variables?: Variables,
): Promise<ComparableAnswer> {
  const response = await fetch(graph.gateway.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  });
  return fromText(await response.text());
}

/** What one graphql-js schema over the same data answers. */
export async function askWhole(graph: FederatedGraph, query: string, variables?: Variables): Promise<ComparableAnswer> {
  const checked = graph.checked.get(query) ?? check(graph, query);
  if ('errors' in checked) return { data: undefined, errors: checked.errors };
  const result: ExecutionResult = await execute({
    schema: graph.whole,
    document: checked,
    rootValue: graph.wholeRoot,
    variableValues: variables,
  });
  return fromText(JSON.stringify(result));
}

/** The document, or what is wrong with it; kept for the next time. */
export function check(graph: FederatedGraph, query: string): CheckedDocument {
  const document = parse(query);
  const errors = validate(graph.whole, document);
  const checked = errors.length > 0 ? { errors } : document;
  if (graph.checked.size >= MOST_CHECKED) graph.checked.clear();
  graph.checked.set(query, checked);
  return checked;
}

const MOST_CHECKED = 200;

function fromText(text: string): ComparableAnswer {
  const { errors = [] } = JSON.parse(text) as { readonly errors?: readonly AnswerProblem[] };
  return { data: memberText(text, 'data'), errors };
}

/** The text of one member of a JSON object: parsing and printing would repair what is to be compared. */
export function memberText(json: string, member: string): string | undefined {
  let depth = 0;
  let start = -1;
  let name = '';
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      if (depth === 1 && start === -1) {
        name = json.slice(at + 1, end);
        start = json.indexOf(':', end) + 1;
        at = start - 1;
      } else at = end;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if ((depth === 1 && character === ',') || depth === 0) {
      if (name === member && start !== -1) return json.slice(start, at).trim();
      start = -1;
    }
  }
  return undefined;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}

/**
 * Where errors made nulls: the longest part of each path that still stands in the data. Of two errors under one nulled
 * parent a server may report either (GraphQL specification, section 6.4.4), so the paths themselves may differ and these places may not.
 */
export function nullPlaces({ data, errors }: ComparableAnswer): readonly string[] {
  const root: unknown = data === undefined ? undefined : JSON.parse(data);
  const places = errors.map(({ path }) => {
    if (path === undefined) return 'no path';
    let value = root;
    let length = 0;
    while (length < path.length && typeof value === 'object' && value !== null) {
      value = (value as Record<string | number, unknown>)[path[length] as string | number];
      length += 1;
    }
    return JSON.stringify(path.slice(0, length));
  });
  return [...new Set(places)].toSorted();
}

/**
 * The answer without errors of fields that nobody selected and that stand beside a null: a gateway may tell that a field
 * failed which another one needs, and one schema has no such field.
 */
export function withoutCauses({ data, errors }: ComparableAnswer): ComparableAnswer {
  const root: unknown = data === undefined ? undefined : JSON.parse(data);
  return { data, errors: errors.filter(({ path }) => path === undefined || !isCause(path, root)) };
}

function isCause(path: readonly (string | number)[], root: unknown): boolean {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return false;
    const members = value as Readonly<Record<string | number, unknown>>;
    if (!Object.hasOwn(members, step)) return Object.values(members).includes(null);
    value = members[step];
  }
  return false;
}

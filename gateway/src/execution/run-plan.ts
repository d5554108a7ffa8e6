import type { FetchNode, PlanNode, ResponsePath } from '@apollo/query-planner';
import { GraphQLError } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { Caller } from '../security/caller.js';
import { get, isData, merge } from './data.js';
import type { Data } from './data.js';
import { represent } from './representations.js';
import { applyRewrites } from './rewrites.js';
import type { SubgraphAnswer, SubgraphClient, SubgraphErrorJson } from './subgraph-client.js';
import { subgraphError } from './subgraph-error.js';

/** What one run of a plan works with. Made anew for each run: nothing of it outlives the answer. */
export interface PlanRun {
  readonly client: SubgraphClient;
  readonly urlOf: (subgraph: string) => string;
  readonly supergraphSchema: GraphQLSchema;
  readonly caller: Caller;
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Coerced, with defaults: conditions look here. */
  readonly coerced: Readonly<Record<string, unknown>>;
  /** Everything that went wrong, in order of arrival. */
  readonly errors: GraphQLError[];
}

/** An object of the answer and where it stands. */
interface Place {
  readonly data: Data;
  readonly path: readonly (string | number)[];
}

/** Completes `root` in place by running the plan's fetches; failures are collected, never thrown. */
export async function runPlan(node: PlanNode, root: Data, run: PlanRun): Promise<void> {
  await runNode(node, [{ data: root, path: [] }], run);
}

async function runNode(node: PlanNode, places: readonly Place[], run: PlanRun): Promise<void> {
  switch (node.kind) {
    case 'Sequence':
      for (const step of node.nodes) await runNode(step, places, run);
      return;
    case 'Parallel':
      await Promise.all(node.nodes.map((branch) => runNode(branch, places, run)));
      return;
    case 'Flatten':
      return runNode(
        node.node,
        places.flatMap((place) => follow(place, node.path)),
        run,
      );
    case 'Condition': {
      const branch = run.coerced[node.condition] === true ? node.ifClause : node.elseClause;
      if (branch !== undefined) await runNode(branch, places, run);
      return;
    }
    case 'Fetch':
      return runFetch(node, places, run);
    case 'Defer':
      throw new Error('a plan with @defer was let through');
  }
}

/** The objects at a plan's path below a place; `@` stands for each element of a list. */
function follow(place: Place, path: ResponsePath): Place[] {
  let reached: { readonly value: unknown; readonly path: readonly (string | number)[] }[] = [
    { value: place.data, path: place.path },
  ];
  for (const step of path) {
    reached = reached.flatMap(({ value, path: at }) => {
      if (step === '@')
        return Array.isArray(value)
          ? value.map((element: unknown, index) => ({ value: element, path: [...at, index] }))
          : [];
      return isData(value) ? [{ value: get(value, String(step)), path: [...at, step] }] : [];
    });
  }
  return reached.flatMap(({ value, path: at }) => (isData(value) ? [{ data: value, path: at }] : []));
}

async function runFetch(fetch: FetchNode, places: readonly Place[], run: PlanRun): Promise<void> {
  if (places.length === 0) return;
  try {
    if (fetch.requires === undefined) await fetchFields(fetch, places, run);
    else await fetchEntities(fetch, places, run);
  } catch (error) {
    run.errors.push(located(error, places));
  }
}

async function fetchFields(fetch: FetchNode, places: readonly Place[], run: PlanRun): Promise<void> {
  const answer = await send(fetch, {}, run);
  applyRewrites(answer.data, { rewrites: fetch.outputRewrites, schema: run.supergraphSchema });
  for (const { data } of places) if (isData(answer.data)) merge(data, answer.data);
  for (const error of answer.errors ?? []) {
    const path = [...(places[0]?.path ?? []), ...(error.path ?? [])];
    run.errors.push(subgraphError(error, { subgraph: fetch.serviceName, path }));
  }
}

/** Asks once for each distinct entity, however often it occurs, and gives the result to every occurrence. */
async function fetchEntities(fetch: FetchNode, places: readonly Place[], run: PlanRun): Promise<void> {
  const groups = groupByRepresentation(fetch, places, run);
  if (groups.length === 0) return;
  const answer = await send(fetch, { representations: groups.map(({ representation }) => representation) }, run);
  for (const error of answer.errors ?? []) reportEntityError(error, { fetch, groups, run });
  if (!isData(answer.data)) return;
  const entities = get(answer.data, '_entities');
  if (!Array.isArray(entities) || entities.length !== groups.length) {
    throw new Error(`The subgraph "${fetch.serviceName}" did not answer with one entity for each of ${groups.length}.`);
  }
  groups.forEach((group, index) => {
    const entity: unknown = entities[index];
    if (!isData(entity)) return;
    applyRewrites(entity, { rewrites: fetch.outputRewrites, schema: run.supergraphSchema });
    // Joined into several places, the entity must not become one object that all of them share.
    group.places.forEach(({ data }, copy) => merge(data, copy === 0 ? entity : structuredClone(entity)));
  });
}

interface Group {
  readonly representation: Data;
  readonly places: Place[];
}

function groupByRepresentation(fetch: FetchNode, places: readonly Place[], run: PlanRun): Group[] {
  const groups = new Map<string, Group>();
  for (const place of places) {
    const representation = represent(place.data, { requires: fetch.requires ?? [], schema: run.supergraphSchema });
    if (representation === null || get(representation, '__typename') === undefined) continue;
    applyRewrites(representation, { rewrites: fetch.inputRewrites, schema: run.supergraphSchema });
    const key = JSON.stringify(representation);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { representation, places: [place] });
    else group.places.push(place);
  }
  return [...groups.values()];
}

/** The subgraph speaks of `_entities[3].name`; the client knows that entity by another path, or by several. */
function reportEntityError(
  error: SubgraphErrorJson,
  { fetch, groups, run }: { readonly fetch: FetchNode; readonly groups: readonly Group[]; readonly run: PlanRun },
): void {
  const [root, index, ...rest] = error.path ?? [];
  const group = root === '_entities' && typeof index === 'number' ? groups[index] : undefined;
  const paths =
    group === undefined
      ? [commonPath(groups.flatMap(({ places }) => places))]
      : group.places.map((place) => [...place.path, ...rest]);
  for (const path of paths) run.errors.push(subgraphError(error, { subgraph: fetch.serviceName, path }));
}

function located(error: unknown, places: readonly Place[]): GraphQLError {
  const path = commonPath(places);
  if (error instanceof GraphQLError) {
    return new GraphQLError(error.message, {
      path,
      extensions: error.extensions,
      originalError: error.originalError ?? error,
    });
  }
  const cause = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(cause.message, { path, originalError: cause });
}

/** The path as far as all places share it. */
function commonPath(places: readonly Place[]): (string | number)[] | undefined {
  const [first, ...others] = places.map((place) => place.path);
  if (first === undefined) return undefined;
  const length = first.findIndex((step, index) => others.some((other) => other[index] !== step));
  return length === -1 ? [...first] : first.slice(0, length);
}

function send(fetch: FetchNode, extra: Readonly<Record<string, unknown>>, run: PlanRun): Promise<SubgraphAnswer> {
  const variables: Record<string, unknown> = {};
  for (const name of fetch.variableUsages ?? []) {
    if (run.variables[name] !== undefined) variables[name] = run.variables[name];
  }
  const subgraph = { name: fetch.serviceName, url: run.urlOf(fetch.serviceName) };
  const { operation: query, operationName } = fetch;
  return run.client.send(subgraph, { query, operationName, variables: { ...variables, ...extra } }, run.caller);
}

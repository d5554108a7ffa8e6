import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { BodyTemplate, CompiledContext, CompiledPart, CompiledRequest } from './compile-requests.js';
import { lineagesAt } from './context-values.js';
import { get, isData } from './data.js';
import type { Data } from './data.js';
import { EntityGroups } from './entity-groups.js';
import type { EntityGroup } from './entity-groups.js';
import type { Run } from './executable.js';
import type { Overlay } from './overlay.js';
import { commonPath, createPlaces, objectsAt } from './places.js';
import type { PlacesOf } from './places.js';
import { applyRewrites } from './rewrites.js';
import type { SubgraphAnswer, SubgraphErrorJson } from './subgraph-call.js';
import type { SubgraphClient } from './subgraph-client.js';
import { failedFetch, subgraphError } from './subgraph-error.js';

/** What a run of requests fills. */
export interface RunState {
  /** The data so far, keyed as {@link ResponseKeys} has it. */
  readonly root: Data;
  /** Completes the root and all below it. */
  readonly overlay: Overlay;
  /** Everything that went wrong, in order of arrival; paths are those of the data. */
  readonly errors: GraphQLError[];
  /**
   * Whether one object may stand at several places of the data: `never` where the same entity can differ by what is
   * around it, `yes` once it has happened.
   */
  sharing: 'never' | 'not yet' | 'yes';
  sqlStatements: Map<string, number> | undefined;
}

/** What every run of an operation has in common. */
export interface RunScope {
  readonly client: SubgraphClient;
  readonly supergraphSchema: GraphQLSchema;
}

const NOTHING_TO_DO = Promise.resolve();

/** Runs each request as soon as those before it are answered. Failures are collected, never thrown. */
export function runRequests(
  requests: readonly CompiledRequest[],
  state: RunState,
  { scope, run }: { readonly scope: RunScope; readonly run: Run },
): Promise<void> {
  const [only] = requests;
  if (only === undefined) return NOTHING_TO_DO;
  if (requests.length === 1) return runRequest(only, state, { scope, run });
  return new Promise((resolve, reject) => {
    const waiting = requests.map(({ waitsFor }) => waitsFor);
    let open = requests.length;
    let hasFailed = false;
    const start = (index: number): void => {
      const request = requests[index];
      if (request === undefined || hasFailed) return;
      runRequest(request, state, { scope, run }).then(() => {
        open -= 1;
        if (open === 0) return resolve();
        for (const dependent of request.dependents) {
          const left = (waiting[dependent] ?? 0) - 1;
          waiting[dependent] = left;
          if (left === 0) start(dependent);
        }
      }, fail);
    };
    /** A fault of the gateway: what is under way is left to end, and nothing more is begun. */
    const fail = (error: Error): void => {
      hasFailed = true;
      reject(error);
    };
    requests.forEach(({ waitsFor }, index) => {
      if (waitsFor === 0) start(index);
    });
  });
}

interface Work {
  readonly scope: RunScope;
  readonly run: Run;
}

function runRequest(request: CompiledRequest, state: RunState, work: Work): Promise<void> {
  if (request.context !== undefined) return fetchInContext(request, request.context, { state, work });
  return request.parts.length === 0 ? fetchFields(request, state, work) : fetchEntities(request, state, work);
}

async function fetchFields(request: CompiledRequest, state: RunState, work: Work): Promise<void> {
  const targets = objectsAt(state.root, request.path, { overlay: state.overlay, areShared: false });
  const prefix = commonPath(request.path);
  if (targets.length === 0) return;
  const answer = await send(request, openBody(request.template, work.run), { state, work });
  if (answer === undefined) return;
  for (const error of answer.errors ?? []) {
    const path = error.path === undefined ? undefined : [...prefix, ...error.path];
    report(state, subgraphError(error, { subgraph: request.subgraph.name, path }));
  }
  if (!isData(answer.data)) {
    if ((answer.errors?.length ?? 0) === 0) reportNoData(request.subgraph.name, prefix, state);
    return;
  }
  if (request.outputRewrites.length > 0) {
    applyRewrites(answer.data, { rewrites: request.outputRewrites, schema: work.scope.supergraphSchema });
  }
  for (const [copy, target] of targets.entries()) {
    // The copies may be completed differently.
    state.overlay.add(target, state.sharing === 'never' && copy > 0 ? structuredClone(answer.data) : answer.data);
  }
}

/** A part with what this run asks for. */
interface Asked {
  readonly part: CompiledPart;
  readonly groups: readonly EntityGroup[];
  /** Representations, as the elements of a JSON list. */
  readonly text: string;
  /** The same, one by one in the order of the groups. */
  readonly representations: () => readonly string[];
}

/** The most entities that are asked for at a time: subgraphs of ORION refuse more, so that a batch is no attack. */
const MOST_ENTITIES = 1_000;

async function fetchEntities(request: CompiledRequest, state: RunState, work: Work): Promise<void> {
  const asked = request.parts.map((part) => ask(part, state));
  // An empty list costs its subgraph nothing; a request of nothing else is not made.
  if (asked.every(({ groups }) => groups.length === 0)) return;
  if (asked.some(({ groups }) => groups.length > MOST_ENTITIES)) {
    await Promise.all(asked.flatMap(inBatches).map((one) => fetchAlone(one, request, { state, work })));
    return;
  }
  let body = openBody(request.template, work.run);
  for (const { part, text } of asked) body += separator(body) + part.label + text + ']';
  const answer = await send(request, body, { state, work, asked });
  if (answer === undefined) return;
  if (asked.length > 1 && !isData(answer.data)) {
    await Promise.all(asked.map((one) => fetchAlone(one, request, { state, work })));
    return;
  }
  receive(answer, asked, { request, state, work });
}

/** Equal surroundings share one `_entities`; all of them travel in one request. */
async function fetchInContext(
  request: CompiledRequest,
  context: CompiledContext,
  { state, work }: { readonly state: RunState; readonly work: Work },
): Promise<void> {
  const combinations = new Map<string, { readonly values: ReadonlyMap<string, string>; readonly targets: Data[] }>();
  for (const lineage of lineagesAt(state.root, request.path, state.overlay)) {
    const target = lineage.at(-1);
    if (target === undefined) continue;
    const values = context.read(lineage, state.overlay);
    const key = JSON.stringify([...values]);
    const known = combinations.get(key);
    if (known === undefined) combinations.set(key, { values, targets: [target] });
    else known.targets.push(target);
  }
  const all = [...combinations.values()];
  const asked = all.map(({ targets }, index) => askFor(targets, context.partOf(index), state.overlay));
  if (asked.every(({ groups }) => groups.length === 0)) return;
  let body = openBody(context.templateFor(all.length), work.run);
  for (const [index, { part, text }] of asked.entries()) {
    body += separator(body) + part.label + text + ']';
    for (const [variable, value] of all[index]?.values ?? []) body += `,${context.labelOf(variable, index)}${value}`;
  }
  const answer = await send(request, body, { state, work, asked });
  if (answer !== undefined) receive(answer, asked, { request, state, work });
}

function askFor(targets: readonly Data[], part: CompiledPart, overlay: Overlay): Asked {
  const groups = new EntityGroups(overlay);
  for (const member of part.members) for (const target of targets) groups.add(target, member);
  return askedIn(part, groups);
}

function askedIn(part: CompiledPart, groups: EntityGroups): Asked {
  return { part, groups: groups.list(), text: groups.text(), representations: () => groups.representations() };
}

function inBatches(asked: Asked): Asked[] {
  const all = asked.representations();
  return Array.from({ length: Math.ceil(all.length / MOST_ENTITIES) }, (_, batch) => {
    const [from, to] = [batch * MOST_ENTITIES, (batch + 1) * MOST_ENTITIES];
    const some = all.slice(from, to);
    return { ...asked, groups: asked.groups.slice(from, to), text: some.join(','), representations: () => some };
  });
}

/** A subgraph that answers a common request with nothing is asked for each part, so that one failure stays one. */
async function fetchAlone(
  asked: Asked,
  request: CompiledRequest,
  { state, work }: { readonly state: RunState; readonly work: Work },
): Promise<void> {
  if (asked.groups.length === 0) return;
  const body = openBody(asked.part.alone, work.run);
  const one = { ...asked, part: { ...asked.part, responseKey: '_entities' } };
  const text = `${body}${separator(body)}"representations":[${asked.text}]`;
  const answer = await send(request, text, { state, work, asked: [one] });
  if (answer !== undefined) receive(answer, [one], { request, state, work });
}

/** Asks once for each distinct entity, however often it occurs. */
function ask(part: CompiledPart, state: RunState): Asked {
  const groups = new EntityGroups(state.overlay);
  const scope = { overlay: state.overlay, areShared: state.sharing === 'yes' };
  for (const member of part.members) {
    for (const target of objectsAt(state.root, member.path, scope)) {
      if (groups.add(target, member) && state.sharing === 'not yet') state.sharing = 'yes';
    }
  }
  return askedIn(part, groups);
}

function receive(
  answer: SubgraphAnswer,
  asked: readonly Asked[],
  { request, state, work }: { readonly request: CompiledRequest; readonly state: RunState; readonly work: Work },
): void {
  const { name } = request.subgraph;
  if (answer.errors !== undefined && answer.errors.length > 0) {
    const placesOf = createPlaces(state);
    for (const error of answer.errors) reportEntityError(error, asked, { subgraph: name, state, placesOf });
  }
  if (!isData(answer.data)) {
    if ((answer.errors?.length ?? 0) === 0) reportWrongAnswer(asked, name, state);
    return;
  }
  for (const one of asked) {
    const { part, groups } = one;
    const entities = get(answer.data, part.responseKey);
    if (!Array.isArray(entities) || entities.length !== groups.length) {
      if (groups.length > 0 && (answer.errors?.length ?? 0) === 0) reportWrongAnswer([one], name, state);
      continue;
    }
    if (!entities.every((entity) => entity === null || isData(entity))) reportWrongAnswer([one], name, state);
    groups.forEach(({ targets }, index) => {
      const entity: unknown = entities[index];
      if (!isData(entity)) return;
      if (part.outputRewrites.length > 0) {
        applyRewrites(entity, { rewrites: part.outputRewrites, schema: work.scope.supergraphSchema });
      }
      if (state.sharing !== 'never') return state.overlay.addAll(targets, entity);
      // The copies may be completed differently.
      for (const target of targets) state.overlay.add(target, structuredClone(entity));
    });
  }
}

function reportNoData(subgraph: string, prefix: readonly (string | number)[], state: RunState): void {
  const message = `The subgraph "${subgraph}" answered with neither data nor a reason.`;
  const path = prefix.length === 0 ? undefined : prefix;
  report(state, subgraphError({ message, extensions: { code: 'SUBREQUEST_MALFORMED' } }, { subgraph, path }));
}

function reportWrongAnswer(asked: readonly Asked[], subgraph: string, state: RunState): void {
  const entities = asked.reduce((sum, { groups }) => sum + groups.length, 0);
  const message = `The subgraph "${subgraph}" did not answer with one entity for each of ${entities}.`;
  for (const path of commonPaths(asked)) {
    report(state, subgraphError({ message, extensions: { code: 'SUBREQUEST_MALFORMED' } }, { subgraph, path }));
  }
}

/** The subgraph speaks of `_entities[3].name`; the client knows that entity by another path, or by several. */
function reportEntityError(
  error: SubgraphErrorJson,
  asked: readonly Asked[],
  { subgraph, state, placesOf }: { readonly subgraph: string; readonly state: RunState; readonly placesOf: PlacesOf },
): void {
  const [root, index, ...rest] = error.path ?? [];
  const at = asked.find(({ part }) => part.responseKey === root);
  const part = at?.part;
  const group = at?.groups[typeof index === 'number' ? index : -1];
  const paths =
    group === undefined ? commonPaths(asked) : placesOfGroup(part, group, placesOf).map((path) => [...path, ...rest]);
  for (const path of paths) report(state, subgraphError(error, { subgraph, path }));
}

/** Equal entities can stand at the places of several steps. */
function placesOfGroup(part: CompiledPart | undefined, { targets }: EntityGroup, placesOf: PlacesOf) {
  const places = (part?.members ?? []).flatMap(({ path }) =>
    [...new Set(targets)].flatMap((target) => placesOf(target, path)),
  );
  return [...new Map(places.map((place) => [place.join('.'), place])).values()];
}

function commonPaths(asked: readonly Asked[]): (readonly (string | number)[])[] {
  const paths = asked.flatMap(({ groups }) => groups.map(({ member }) => commonPath(member.path)));
  return [...new Map(paths.map((path) => [path.join('.'), path])).values()];
}

/** Undefined when the subgraph could not be asked, which is reported. */
async function send(
  { subgraph, kind, isOwned }: CompiledRequest,
  body: string,
  { state, work, asked }: { readonly state: RunState; readonly work: Work; readonly asked?: readonly Asked[] },
): Promise<SubgraphAnswer | undefined> {
  const { caller, deadline } = work.run;
  try {
    const answer = await work.scope.client.send({ subgraph, body: `${body}}}`, kind, caller, deadline, isOwned });
    if (answer.sqlStatements !== undefined) count(state, subgraph.name, answer.sqlStatements);
    return answer;
  } catch (error) {
    const paths = asked === undefined ? [undefined] : commonPaths(asked);
    for (const path of paths) report(state, failedFetch(error, path));
    return undefined;
  }
}

function report(state: RunState, error: GraphQLError): void {
  state.errors.push(error);
  state.overlay.hasFailures = true;
}

function count(state: RunState, subgraph: string, statements: number): void {
  state.sqlStatements ??= new Map();
  state.sqlStatements.set(subgraph, (state.sqlStatements.get(subgraph) ?? 0) + statements);
}

/** The body up to its last variable; two braces close it. */
function openBody({ start, variables }: BodyTemplate, { variables: sent }: Run): string {
  let body = start;
  for (const [name, label] of variables) {
    const value = Object.hasOwn(sent, name) ? sent[name] : undefined;
    if (value !== undefined) body += separator(body) + label + JSON.stringify(value);
  }
  return body;
}

function separator(body: string): string {
  return body.endsWith('{') ? '' : ',';
}

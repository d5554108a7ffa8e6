import { isTypeDefinitionNode, Kind, parse, print } from 'graphql';
import type { ConstDirectiveNode, ConstValueNode, DefinitionNode, DocumentNode, FieldDefinitionNode } from 'graphql';
import { mapFieldSet } from './field-sets.js';
import { hasLinks, linkedName, withInaccessible } from './linked-features.js';
import { orderKeys } from './order-keys.js';
import {
  argumentOf,
  directivesNamed,
  fieldOf,
  fieldsNodesOf,
  isFieldsNode,
  namedType,
  subgraphsOf,
  textArgument,
} from './supergraph-document.js';
import type { FieldsNode } from './supergraph-document.js';
import { twinDefinition, TwinRegistry } from './twins.js';
import type { Twin } from './twins.js';

/** A supergraph changed so that the planner's plans are right, with what is worth knowing of it. */
export interface RewrittenSupergraph {
  readonly sdl: string;
  /** By twin name; empty for most supergraphs. */
  readonly twins: Readonly<Record<string, Twin>>;
  /** The twins that a subgraph requires for a field, by {@link useKey}. */
  readonly twinUses: ReadonlyMap<string, ReadonlySet<string>>;
  /** Response names that the plan itself needs: an alias of a client must not be one of them. */
  readonly keyFieldNames: readonly string[];
  /** Labels of progressive `@override`s. */
  readonly overrideLabels: readonly string[];
}

/** Of a field in a subgraph. */
export function useKey(subgraph: string, type: string, field: string): string {
  return `${subgraph} ${type}.${field}`;
}

/**
 * Rewrites a supergraph before it is planned with: resolvable keys come first, and required fields with arguments get
 * twins ({@link TwinRegistry}). What clients see of it stays the same.
 */
export function rewriteSupergraph(sdl: string): RewrittenSupergraph {
  const document = parse(sdl, { noLocation: true });
  const types = fieldsNodesOf(document);
  const twins = new TwinRegistry(types);
  const keyFieldNames = new Set<string>(['__typename']);
  const overrideLabels = new Set<string>();
  const twinUses = new Map<string, ReadonlySet<string>>();
  const scope: Scope = {
    types,
    contexts: contextsOf(document),
    subgraphs: new Map(subgraphsOf(document).map(({ graph, name }) => [graph, name])),
    canHide: hasLinks(document),
    twins,
    twinUses,
    keyFieldNames,
    overrideLabels,
  };

  const rewritten = {
    ...document,
    definitions: document.definitions.map((node) => (isFieldsNode(node) ? rewriteType(node, scope) : node)),
  };
  const found = twins.all();
  for (const name of Object.keys(found)) keyFieldNames.add(name);
  return {
    sdl: print(Object.keys(found).length === 0 ? rewritten : addTwins(rewritten, twins)),
    twins: found,
    twinUses,
    keyFieldNames: [...keyFieldNames],
    overrideLabels: [...overrideLabels].toSorted(),
  };
}

interface Scope {
  readonly types: ReadonlyMap<string, FieldsNode>;
  /** Types by the context that they set. */
  readonly contexts: ReadonlyMap<string, readonly string[]>;
  /** Names of subgraphs by what the supergraph's enum calls them. */
  readonly subgraphs: ReadonlyMap<string, string>;
  /** Twins can be kept from clients: in a supergraph of Federation 2, which has `@link`. */
  readonly canHide: boolean;
  readonly twins: TwinRegistry;
  readonly twinUses: Map<string, ReadonlySet<string>>;
  readonly keyFieldNames: Set<string>;
  readonly overrideLabels: Set<string>;
}

function rewriteType(type: FieldsNode, scope: Scope): FieldsNode {
  for (const key of directivesNamed(type, 'join__type').flatMap((join) => textArgument(join, 'key') ?? []))
    rewriteFieldSet(key, [type.name.value], scope);
  return {
    ...type,
    directives: orderKeys(type.directives ?? []),
    fields: (type.fields ?? []).map((field) => rewriteField(field, type.name.value, scope)),
  };
}

function rewriteField(field: FieldDefinitionNode, parent: string, scope: Scope): FieldDefinitionNode {
  if (directivesNamed(field, 'join__field').length === 0) return field;
  return {
    ...field,
    directives: (field.directives ?? []).map((directive) =>
      directive.name.value === 'join__field' ? rewriteJoin(directive, { field, parent }, scope) : directive,
    ),
  };
}

function rewriteJoin(
  join: ConstDirectiveNode,
  { field, parent }: { readonly field: FieldDefinitionNode; readonly parent: string },
  scope: Scope,
): ConstDirectiveNode {
  const label = textArgument(join, 'overrideLabel');
  if (label !== undefined) scope.overrideLabels.add(label);
  const rewrites: Readonly<Record<string, (value: ConstValueNode) => ConstValueNode>> = {
    requires: (value) =>
      mapText(value, (text) => {
        const rewritten = rewriteFieldSet(text, [parent], scope);
        const key = useKey(subgraphOf(join, scope), parent, field.name.value);
        if (rewritten.twins.size > 0) scope.twinUses.set(key, rewritten.twins);
        return rewritten.text;
      }),
    provides: (value) => mapText(value, (text) => rewriteFieldSet(text, [namedType(field.type)], scope).text),
    contextArguments: (value) => mapList(value, (argument) => rewriteContextArgument(argument, scope)),
  };
  return {
    ...join,
    arguments: (join.arguments ?? []).map((argument) => ({
      ...argument,
      value: rewrites[argument.name.value]?.(argument.value) ?? argument.value,
    })),
  };
}

/** `{context: "A__ctx", name: "a", type: "String", selection: "{ prop }"}` */
function rewriteContextArgument(argument: ConstValueNode, scope: Scope): ConstValueNode {
  if (argument.kind !== Kind.OBJECT) return argument;
  const context = argument.fields.find((field) => field.name.value === 'context')?.value;
  const parents = context?.kind === Kind.STRING ? (scope.contexts.get(context.value) ?? []) : [];
  return {
    ...argument,
    fields: argument.fields.map((field) =>
      field.name.value === 'selection'
        ? { ...field, value: mapText(field.value, (text) => rewriteFieldSet(text, parents, scope).text) }
        : field,
    ),
  };
}

function rewriteFieldSet(
  text: string,
  parents: readonly string[],
  scope: Scope,
): { readonly text: string; readonly twins: ReadonlySet<string> } {
  const twins = new Set<string>();
  const rewritten = mapFieldSet(text, {
    parents,
    types: scope.types,
    visit: (field, parent) => {
      if (!scope.canHide || (field.arguments ?? []).length === 0) {
        scope.keyFieldNames.add(field.name.value);
        return field;
      }
      const twin = scope.twins.twinOf(field, parent);
      twins.add(twin);
      return { ...field, name: { kind: Kind.NAME, value: twin }, arguments: [] };
    },
  });
  return { text: rewritten, twins };
}

function mapText(value: ConstValueNode, map: (text: string) => string): ConstValueNode {
  return value.kind === Kind.STRING ? { ...value, value: map(value.value), block: false } : value;
}

function mapList(value: ConstValueNode, map: (element: ConstValueNode) => ConstValueNode): ConstValueNode {
  return value.kind === Kind.LIST ? { ...value, values: value.values.map(map) } : map(value);
}

function contextsOf(document: DocumentNode): ReadonlyMap<string, readonly string[]> {
  const contexts = new Map<string, string[]>();
  const directive = linkedName(document, 'context');
  for (const node of document.definitions) {
    if (directive === undefined || !isTypeDefinitionNode(node)) continue;
    for (const name of directivesNamed(node, directive).flatMap((context) => textArgument(context, 'name') ?? []))
      contexts.set(name, [...(contexts.get(name) ?? []), node.name.value]);
  }
  return contexts;
}

function subgraphOf(join: ConstDirectiveNode, { subgraphs }: Scope): string {
  const graph = argumentOf(join, 'graph');
  return graph?.kind === Kind.ENUM ? (subgraphs.get(graph.value) ?? graph.value) : '';
}

function addTwins(document: DocumentNode, twins: TwinRegistry): DocumentNode {
  const { document: linked, directive } = withInaccessible(document);
  return {
    ...linked,
    definitions: linked.definitions.map((node): DefinitionNode => {
      if (!isFieldsNode(node)) return node;
      const added = [...twins.neededBy(node)].flatMap(([name, names]) => {
        const field = fieldOf(node, name);
        return field === undefined ? [] : [...names].map((twin) => twinDefinition(field, { name: twin, directive }));
      });
      return added.length === 0 ? node : { ...node, fields: [...(node.fields ?? []), ...added] };
    }),
  };
}

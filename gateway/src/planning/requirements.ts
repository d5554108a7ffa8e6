import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, SelectionNode } from 'graphql';
import { argumentOf, directivesNamed, isFieldsNode, subgraphsOf, textArgument } from './supergraph-document.js';

/** What subgraphs have to be told before they can resolve something. */
export interface Requirements {
  /** The selections of `@requires`; undefined for a field that needs nothing. */
  requiredFor(use: FieldUse): readonly SelectionNode[] | undefined;
  /** The selections of a key by which the subgraph finds the entity; undefined for what is no entity there. */
  keyOf(subgraph: string, type: string): readonly SelectionNode[] | undefined;
}

/** A field as a subgraph knows it. */
export interface FieldUse {
  readonly subgraph: string;
  readonly type: string;
  readonly field: string;
}

/** Reads them out of a supergraph of Federation 2. */
export function requirementsOf(supergraph: DocumentNode): Requirements {
  const subgraphs = new Map(subgraphsOf(supergraph).map(({ graph, name }) => [graph, name]));
  const subgraphOf = (join: ConstDirectiveNode): string => {
    const graph = argumentOf(join, 'graph');
    return graph?.kind === Kind.ENUM ? (subgraphs.get(graph.value) ?? graph.value) : '';
  };
  const keys = new Map<string, string>();
  const requires = new Map<string, string>();
  for (const type of supergraph.definitions.filter(isFieldsNode)) {
    for (const join of directivesNamed(type, 'join__type')) {
      const key = textArgument(join, 'key');
      const place = `${subgraphOf(join)} ${type.name.value}`;
      // Resolvable keys come first.
      if (key !== undefined && !keys.has(place)) keys.set(place, key);
    }
    for (const field of type.fields ?? []) {
      for (const join of directivesNamed(field, 'join__field')) {
        const required = textArgument(join, 'requires');
        if (required !== undefined)
          requires.set(`${subgraphOf(join)} ${type.name.value}.${field.name.value}`, required);
      }
    }
  }
  const read = memoized(selectionsOf);
  return {
    requiredFor: ({ subgraph, type, field }) => read(requires.get(`${subgraph} ${type}.${field}`)),
    keyOf: (subgraph, type) => read(keys.get(`${subgraph} ${type}`)),
  };
}

function selectionsOf(fieldSet: string): readonly SelectionNode[] {
  const [definition] = parse(`{${fieldSet}}`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
}

function memoized<Result>(read: (text: string) => Result): (text: string | undefined) => Result | undefined {
  const known = new Map<string, Result>();
  return (text) => {
    if (text === undefined) return undefined;
    const result = known.get(text) ?? read(text);
    known.set(text, result);
    return result;
  };
}

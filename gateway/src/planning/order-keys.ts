import { Kind } from 'graphql';
import type { ConstDirectiveNode } from 'graphql';
import { argumentOf } from './supergraph-document.js';

/**
 * Puts, of each subgraph's `@join__type`s on a type, those with a resolvable key first. The planner takes the first key
 * that it can fill in, resolvable or not, and would ask a subgraph for an entity by a key that it does not resolve.
 */
export function orderKeys(directives: readonly ConstDirectiveNode[]): readonly ConstDirectiveNode[] {
  const joins = directives.filter(isJoin);
  const ordered = [...joins.filter(isResolvable), ...joins.filter((join) => !isResolvable(join))];
  const waiting = new Map<string | undefined, ConstDirectiveNode[]>();
  for (const join of ordered) waiting.set(graphOf(join), [...(waiting.get(graphOf(join)) ?? []), join]);
  return directives.map((directive) =>
    isJoin(directive) ? (waiting.get(graphOf(directive))?.shift() ?? directive) : directive,
  );
}

function isJoin(directive: ConstDirectiveNode): boolean {
  return directive.name.value === 'join__type';
}

function graphOf(join: ConstDirectiveNode): string | undefined {
  const graph = argumentOf(join, 'graph');
  return graph?.kind === Kind.ENUM ? graph.value : undefined;
}

function isResolvable(join: ConstDirectiveNode): boolean {
  const resolvable = argumentOf(join, 'resolvable');
  return resolvable?.kind !== Kind.BOOLEAN || resolvable.value;
}

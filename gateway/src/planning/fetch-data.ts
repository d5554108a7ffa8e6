import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, parse } from 'graphql';
import type { OperationDefinitionNode, SelectionNode } from 'graphql';
import type { Step } from './plan-order.js';

/** What goes in and out of a fetch, as places in the answer: response keys joined by dots, without indices. */
export interface FetchData {
  readonly needs: ReadonlySet<string>;
  readonly brings: ReadonlySet<string>;
}

export function dataOf({ fetch, path }: Step): FetchData {
  const at = path.filter((key) => key !== '@').map(String);
  const needs = new Set<string>();
  // The objects themselves, however deep they are.
  for (let length = 1; length <= at.length; length += 1) needs.add(at.slice(0, length).join('.'));
  addRequired(needs, fetch.requires ?? [], at);
  const brings = new Set<string>();
  const [operation] = parse(fetch.operation, { noLocation: true }).definitions as [OperationDefinitionNode];
  const roots = operation.selectionSet.selections;
  addSelected(
    brings,
    fetch.requires === undefined
      ? roots
      : roots.flatMap((root) => (root.kind === Kind.FIELD ? (root.selectionSet?.selections ?? []) : [])),
    at,
  );
  return { needs, brings };
}

function addRequired(places: Set<string>, selections: readonly QueryPlanSelectionNode[], at: readonly string[]): void {
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') addRequired(places, selection.selections, at);
    else if (selection.name !== '__typename') {
      const place = [...at, selection.name];
      places.add(place.join('.'));
      addRequired(places, selection.selections ?? [], place);
    }
  }
}

function addSelected(places: Set<string>, selections: readonly SelectionNode[], at: readonly string[]): void {
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) addSelected(places, selection.selectionSet.selections, at);
    if (selection.kind !== Kind.FIELD) continue;
    const place = [...at, selection.alias?.value ?? selection.name.value];
    places.add(place.join('.'));
    addSelected(places, selection.selectionSet?.selections ?? [], place);
  }
}

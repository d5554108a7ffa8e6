import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { get, isData, merge, set } from './data.js';
import type { Data } from './data.js';
import { isOfType } from './rewrites.js';

/**
 * Picks from an entity what another subgraph needs to recognise it. Null when something of it is unknown, which
 * happens when an earlier fetch failed: then the entity is not asked for.
 */
export function represent(
  entity: Data,
  { requires, schema }: { readonly requires: readonly QueryPlanSelectionNode[]; readonly schema: GraphQLSchema },
): Data | null {
  const representation: Data = {};
  for (const selection of requires) {
    if (selection.kind === 'Field') {
      const key = selection.alias ?? selection.name;
      const value = get(entity, key);
      if (value === undefined) return null;
      set(representation, key, selection.selections === undefined ? value : pick(value, selection.selections, schema));
    } else if (
      selection.typeCondition === undefined ||
      isOfType(entity, selection.typeCondition, { schema, whenUnknown: false })
    ) {
      const part = represent(entity, { requires: selection.selections, schema });
      if (part === null) return null;
      merge(representation, part);
    }
  }
  return representation;
}

function pick(value: unknown, requires: readonly QueryPlanSelectionNode[], schema: GraphQLSchema): unknown {
  if (Array.isArray(value)) return value.map((element) => pick(element, requires, schema));
  return isData(value) ? represent(value, { requires, schema }) : null;
}

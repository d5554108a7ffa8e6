import type { FetchNode } from '@apollo/query-planner';
import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import type { ArgumentNode, DocumentNode, OperationDefinitionNode } from 'graphql';
import { realField } from './twins.js';
import type { Twin } from './twins.js';

/** A fetch whose operation asks for the real fields, under their twins' names. */
export function restoreTwins(fetch: FetchNode, twins: Readonly<Record<string, Twin>>): FetchNode {
  // Most fetches have none, and parsing is what this costs.
  if (!Object.keys(twins).some((name) => fetch.operation.includes(name))) return fetch;
  const document = visit(parse(fetch.operation, { noLocation: true }), {
    Field: (field) => {
      const twin = twins[field.name.value];
      return twin === undefined ? undefined : realField(field, { twin, args: parseArguments(twin) });
    },
  });
  return { ...fetch, operation: printCompact(document) };
}

function parseArguments(twin: Twin): readonly ArgumentNode[] {
  const [operation] = parse(`{ ${twin.field}(${twin.arguments}) }`, { noLocation: true }).definitions;
  const field = (operation as OperationDefinitionNode).selectionSet.selections[0];
  return field?.kind === Kind.FIELD ? (field.arguments ?? []) : [];
}

/** As the planner prints operations. */
export function printCompact(document: DocumentNode): string {
  return stripIgnoredCharacters(print(document));
}

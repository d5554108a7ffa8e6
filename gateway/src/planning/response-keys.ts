import { Kind, visit } from 'graphql';
import type { FieldNode, OperationDefinitionNode } from 'graphql';

/**
 * How the data of a running operation is keyed. Mostly by the client's response keys; but an alias that is the name of
 * a key field would hide the real field from the planner, and one that is a member of every JavaScript object would be
 * found where there is nothing. Those travel under another name and get theirs back in the answer.
 */
export interface ResponseKeys {
  /** The key of a field in the data. */
  of(field: FieldNode): string;
  /** The client's response key for a key of the data: for the paths of errors. */
  original(key: string): string;
}

/** `keyFieldNames`: fields that the planner may add anywhere, by name. */
export function createResponseKeys(
  operation: OperationDefinitionNode,
  keyFieldNames: ReadonlySet<string>,
): ResponseKeys {
  const renamed = new Set<string>();
  const taken = new Set<string>();
  visit(operation, {
    Field: (field) => {
      const key = responseKey(field);
      taken.add(key);
      if (mustBeRenamed(field, keyFieldNames)) renamed.add(key);
    },
  });
  const originals = new Map<string, string>();
  const names = new Map<string, string>();
  for (const key of renamed) {
    let name = `${key.replace(/^_+/, '')}_c`;
    while (taken.has(name) || originals.has(name) || keyFieldNames.has(name)) name += '_';
    names.set(key, name);
    originals.set(name, key);
  }
  return {
    of: (field) => {
      const key = responseKey(field);
      return mustBeRenamed(field, keyFieldNames) ? (names.get(key) ?? key) : key;
    },
    original: (key) => originals.get(key) ?? key,
  };
}

export function responseKey({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

/** `__typename` under an alias is read from where it stands by itself. */
export function isTypename({ name }: FieldNode): boolean {
  return name.value === '__typename';
}

function mustBeRenamed(field: FieldNode, keyFieldNames: ReadonlySet<string>): boolean {
  const key = responseKey(field);
  if (isTypename(field)) return false;
  if (key in Object.prototype || key === '__typename') return true;
  if (!keyFieldNames.has(key)) return false;
  return key !== field.name.value || (field.arguments?.length ?? 0) > 0;
}

/** The operation as the planner gets it: data keys instead of response keys, nothing that no subgraph is asked for. */
export function toPlannerOperation(operation: OperationDefinitionNode, keys: ResponseKeys): OperationDefinitionNode {
  const used = new Set<string>();
  const rename = (field: FieldNode): FieldNode => {
    if (isTypename(field)) return { kind: Kind.FIELD, name: field.name };
    const key = keys.of(field);
    const { alias: _old, ...rest } = field;
    return key === field.name.value ? rest : { ...rest, alias: { kind: Kind.NAME, value: key } };
  };
  const planned = visit(operation, {
    Field: { leave: rename },
    SelectionSet: {
      leave: (set) =>
        // An object whose every field is unwanted still has to be known to be there.
        set.selections.length > 0 ? undefined : { ...set, selections: [TYPENAME] },
    },
  });
  const selections = planned.selectionSet.selections.filter((selection) => !isLocal(selection));
  const kept = { ...planned, selectionSet: { ...planned.selectionSet, selections } };
  visit(kept, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  return {
    ...kept,
    variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
  };
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
const INTROSPECTION = new Set(['__typename', '__schema', '__type']);

/** Fields of the root that the gateway answers by itself. */
function isLocal(selection: { readonly kind: Kind; readonly name?: { readonly value: string } }): boolean {
  return selection.kind === Kind.FIELD && INTROSPECTION.has(selection.name?.value ?? '');
}

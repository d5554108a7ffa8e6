import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { Data } from './data.js';
import { isData } from './data.js';
import type { KeysOf } from './entity-keys.js';
import type { Overlay } from './overlay.js';
import type { PossibleTypes } from './possible-types.js';

/**
 * Writes what another subgraph needs to recognise an entity, as JSON text, which is also what tells equal entities.
 * Undefined when something of it is unknown, which happens when an earlier fetch failed: then nobody is asked for it.
 */
export type WriteRepresentation = (entity: Data, overlay: Overlay) => string | undefined;

/** How entities of one type are represented. */
export interface Representation {
  readonly write: WriteRepresentation;
  /**
   * The keys of the data whose values tell entities of this type apart, when all of them are leaves; the same list for
   * each entity of the type.
   */
  readonly leafKeys: readonly string[] | undefined;
}

/** Which representation an entity has, by its `__typename`. */
export type ChooseRepresentation = (entity: Data, overlay: Overlay) => Representation;

export interface RepresentationOptions {
  readonly possibleTypes: PossibleTypes;
  readonly keysOf: KeysOf;
  /** The real name of a field under whose twin the data has it. */
  readonly realName: (key: string) => string;
}

/** What an object of a representation is: the entity itself, part of its key, or a value that is required. */
type Role = 'entity' | 'key' | 'value';

/** Compiles a fetch's `requires`. Fragments are resolved once for each type of entity that occurs. */
export function compileRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  options: RepresentationOptions,
): ChooseRepresentation {
  return compileObject(requires, options, 'entity');
}

function compileObject(
  requires: readonly QueryPlanSelectionNode[],
  options: RepresentationOptions,
  role: Role,
): ChooseRepresentation {
  const compileFor = (typename: string | undefined): Representation => {
    const members = membersOf(requires, options, { typename, role });
    const areLeaves = members.every(({ choose }) => choose === undefined);
    return { write: writerOf(members, role), leafKeys: areLeaves ? members.map(({ key }) => key) : undefined };
  };
  if (!requires.some(({ kind }) => kind === 'InlineFragment')) {
    const only = compileFor(undefined);
    return () => only;
  }
  const byType = new Map<unknown, Representation>();
  return (entity, overlay) => {
    const typename = overlay.read(entity, '__typename');
    let representation = byType.get(typename);
    if (representation === undefined) {
      representation = compileFor(typeof typename === 'string' ? typename : undefined);
      // What a subgraph invents is not remembered.
      if (representation.leafKeys?.length !== 0) byType.set(typename, representation);
    }
    return representation;
  };
}

interface Member {
  /** `"name":` */
  readonly label: string;
  readonly key: string;
  readonly choose: ChooseRepresentation | undefined;
  /** Without it there is no telling which entity is meant. */
  readonly isKey: boolean;
}

function writerOf(members: readonly Member[], role: Role): WriteRepresentation {
  // An entity of another type than the fetch is for: nothing of it would tell which one is meant.
  if (role === 'entity' && !members.some(({ key, isKey }) => isKey && key !== '__typename')) return () => undefined;
  return (entity, overlay) => {
    let text = '{';
    for (const { label, key, choose, isKey } of members) {
      const value = overlay.read(entity, key);
      if (value === undefined) {
        // The planner may ask an interface object's fetch for what only some of its types need; what was never looked
        // for is left out. What could not be had is another matter: nothing is computed from half the truth.
        if (isKey || overlay.hasFailures) return undefined;
        continue;
      }
      const written = choose === undefined ? writeValue(value) : writeNested(value, choose, overlay);
      if (written === undefined) return undefined;
      text += (text.length === 1 ? '' : ',') + label + written;
    }
    return `${text}}`;
  };
}

function membersOf(
  requires: readonly QueryPlanSelectionNode[],
  options: RepresentationOptions,
  { typename, role }: { readonly typename: string | undefined; readonly role: Role },
): Member[] {
  const nested = new Map<string, QueryPlanSelectionNode[] | undefined>();
  const collect = (selections: readonly QueryPlanSelectionNode[]): void => {
    for (const selection of selections) {
      if (selection.kind === 'Field') {
        const key = selection.alias ?? selection.name;
        const below = selection.selections;
        nested.set(key, below === undefined ? undefined : [...(nested.get(key) ?? []), ...below]);
      } else if (
        selection.typeCondition === undefined ||
        options.possibleTypes(selection.typeCondition).has(typename ?? '')
      ) {
        collect(selection.selections);
      }
    }
  };
  collect(requires);
  const keys = options.keysOf(typename ?? '');
  return [...nested].map(([key, selections]) => {
    const isKey = role === 'entity' ? typename === undefined || keys.has(key) : role === 'key';
    return {
      key,
      isKey,
      label: `${JSON.stringify(options.realName(key))}:`,
      choose: selections === undefined ? undefined : compileObject(selections, options, isKey ? 'key' : 'value'),
    };
  });
}

function writeNested(value: unknown, choose: ChooseRepresentation, overlay: Overlay): string | undefined {
  if (value === null) return 'null';
  if (isData(value)) return choose(value, overlay).write(value, overlay);
  if (!Array.isArray(value)) return undefined;
  const elements: string[] = [];
  for (const element of value) {
    const written = writeNested(element, choose, overlay);
    if (written === undefined) return undefined;
    elements.push(written);
  }
  return `[${elements.join(',')}]`;
}

/** A member that every object has by inheritance is not in the data. */
function writeValue(value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : JSON.stringify(value);
}

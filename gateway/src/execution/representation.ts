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

/** Compiles a fetch's `requires`. Fragments are resolved once for each type of entity that occurs. */
export function compileRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  options: RepresentationOptions,
): ChooseRepresentation {
  if (!requires.some(({ kind }) => kind === 'InlineFragment')) {
    const only = compileFor(undefined, requires, options);
    return () => only;
  }
  const byType = new Map<unknown, Representation>();
  return (entity, overlay) => {
    const typename = overlay.read(entity, '__typename');
    let representation = byType.get(typename);
    if (representation === undefined) {
      representation = compileFor(typeof typename === 'string' ? typename : undefined, requires, options);
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

function compileFor(
  typename: string | undefined,
  requires: readonly QueryPlanSelectionNode[],
  options: RepresentationOptions,
): Representation {
  const members = membersOf(typename, requires, options);
  const areLeaves = members.every(({ choose }) => choose === undefined);
  return { write: writerOf(members), leafKeys: areLeaves ? members.map(({ key }) => key) : undefined };
}

function writerOf(members: readonly Member[]): WriteRepresentation {
  // An entity of another type than the fetch is for: nothing of it would tell which one is meant.
  if (!members.some(({ key, isKey }) => isKey && key !== '__typename')) return () => undefined;
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
  typename: string | undefined,
  requires: readonly QueryPlanSelectionNode[],
  options: RepresentationOptions,
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
  return [...nested].map(([key, selections]) => ({
    key,
    isKey: typename === undefined || keys.has(key),
    label: `${JSON.stringify(options.realName(key))}:`,
    choose: selections === undefined ? undefined : compileRepresentation(selections, options),
  }));
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

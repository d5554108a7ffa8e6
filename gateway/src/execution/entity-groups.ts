import type { CompiledMember } from './compile-requests.js';
import type { Data } from './data.js';
import type { Overlay } from './overlay.js';

/** Equal entities, and the objects of the data that they complete. */
export interface EntityGroup {
  readonly member: CompiledMember;
  readonly targets: Data[];
}

/** Values of the fields that identify an entity, one level for each field; at the end the group. */
type Level = Map<unknown, Level | EntityGroup>;

/**
 * Puts entities with one representation together. Most are told apart by the values of a few fields, for which no text
 * is written: only the first of a group has its representation written.
 */
export class EntityGroups {
  readonly #groups = new Map<string, EntityGroup>();
  readonly #known = new Map<readonly string[], Level>();
  readonly #overlay: Overlay;

  constructor(overlay: Overlay) {
    this.#overlay = overlay;
  }

  /** In the order of their representations in {@link text}. */
  list(): EntityGroup[] {
    return [...this.#groups.values()];
  }

  /** Representations, as the elements of a JSON list. */
  text(): string {
    let text = '';
    for (const representation of this.#groups.keys()) text += text === '' ? representation : `,${representation}`;
    return text;
  }

  /** Representations one by one, in the order of {@link list}. */
  representations(): string[] {
    return [...this.#groups.keys()];
  }

  /** Adds the entity unless nothing identifies it. True when one like it was there. */
  add(target: Data, member: CompiledMember): boolean {
    const { leafKeys } = member.representation(target, this.#overlay);
    return leafKeys === undefined || leafKeys.length === 0
      ? this.#addByText(target, member)
      : this.#addByValues(target, { member, leafKeys });
  }

  #addByValues(
    target: Data,
    { member, leafKeys }: { readonly member: CompiledMember; readonly leafKeys: readonly string[] },
  ): boolean {
    let level = this.#known.get(leafKeys);
    if (level === undefined) this.#known.set(leafKeys, (level = new Map()));
    const last = leafKeys.length - 1;
    for (let index = 0; index < last; index += 1) {
      const value = this.#overlay.read(target, leafKeys[index] as string);
      let next = level.get(value);
      if (next === undefined) level.set(value, (next = new Map()));
      level = next as Level;
    }
    const value = this.#overlay.read(target, leafKeys[last] as string);
    const group = level.get(value) as EntityGroup | undefined;
    if (group !== undefined) {
      group.targets.push(target);
      return true;
    }
    // A custom scalar may be an object, of which only its text tells whether it is equal.
    if (typeof value === 'object' && value !== null) return this.#addByText(target, member);
    const before = this.#groups.size;
    const added = this.#groupByText(target, member);
    if (added !== undefined) level.set(value, added);
    return added !== undefined && this.#groups.size === before;
  }

  #addByText(target: Data, member: CompiledMember): boolean {
    const before = this.#groups.size;
    return this.#groupByText(target, member) !== undefined && this.#groups.size === before;
  }

  #groupByText(target: Data, member: CompiledMember): EntityGroup | undefined {
    const text = member.write(target, this.#overlay);
    if (text === undefined) return undefined;
    const known = this.#groups.get(text);
    if (known !== undefined) {
      known.targets.push(target);
      return known;
    }
    const group = { member, targets: [target] };
    this.#groups.set(text, group);
    return group;
  }
}

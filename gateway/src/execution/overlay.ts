import { isData } from './data.js';
import type { Data } from './data.js';

const NOTHING: readonly Data[] = [];
const TYPENAME = '__typename';

/**
 * The data of one run: objects as subgraphs answered them, and for each the objects that complete it. Nothing that a
 * subgraph answered is changed, so that runs which share an answer share its objects, and an entity that stands at
 * many places is kept once.
 */
export class Overlay {
  readonly #completions = new Map<Data, readonly Data[]>();
  readonly #isObjectType: (typename: unknown) => boolean;
  /** Something could not be had: what is missing in the data may be missing for that reason. */
  hasFailures = false;

  constructor(isObjectType: (typename: unknown) => boolean) {
    this.#isObjectType = isObjectType;
  }

  /** The value under a key, wherever it came from; a null gives way to a value. Undefined when nobody has answered it. */
  read(data: Data, key: string): unknown {
    const value = data[key];
    if (key === TYPENAME) return this.typenameOf(data);
    if (value !== undefined && value !== null) return value;
    const found = this.completed(this.completionsOf(data), key);
    return found === undefined ? value : found;
  }

  /**
   * An object's type. A subgraph that knows an interface as an object (`@interfaceObject`) calls it by the interface's
   * name, which holds until another tells what it really is.
   */
  typenameOf(data: Data): unknown {
    const own = data[TYPENAME];
    if (this.#isObjectType(own)) return own;
    const completions = this.completionsOf(data);
    for (const completion of completions) if (this.#isObjectType(completion[TYPENAME])) return completion[TYPENAME];
    return own ?? this.completed(completions, TYPENAME);
  }

  /** What completes an object, in order of arrival. */
  completionsOf(data: Data): readonly Data[] {
    return this.#completions.get(data) ?? NOTHING;
  }

  /** The first value under the key among completions. */
  completed(completions: readonly Data[], key: string): unknown {
    let found: unknown;
    for (let index = 0; index < completions.length; index += 1) {
      const value = completions[index]?.[key];
      if (value !== undefined && value !== null) return value;
      // A null that somebody answered is an answer all the same.
      if (value === null) found = null;
    }
    return found;
  }

  /** Completes an object. Where both have an object or a list of equal length under one key, those are completed in turn. */
  add(target: Data, completion: Data): void {
    this.addAll([target], completion);
  }

  /** Completes each of several objects with one. */
  addAll(targets: readonly Data[], completion: Data): void {
    const nested = compositeKeys(completion);
    // Objects that were completed alike so far share the list of what completes them.
    let before: readonly Data[] | undefined;
    let after: readonly Data[] = [completion];
    for (const target of targets) {
      for (const key of nested) {
        const known = this.read(target, key);
        if (typeof known === 'object' && known !== null) this.#join(known, completion[key] as object);
      }
      const known = this.#completions.get(target);
      if (known !== before) {
        before = known;
        after = known === undefined ? [completion] : known.includes(completion) ? known : [...known, completion];
      }
      this.#completions.set(target, after);
    }
  }

  #join(known: object, found: object): void {
    if (known === found) return;
    if (isData(known) && isData(found)) this.add(known, found);
    else if (Array.isArray(known) && Array.isArray(found) && known.length === found.length) {
      for (const [index, element] of (known as unknown[]).entries()) {
        const other: unknown = found[index];
        const areObjects =
          typeof element === 'object' && element !== null && typeof other === 'object' && other !== null;
        if (areObjects) this.#join(element, other);
      }
    }
  }
}

const NO_KEYS: readonly string[] = [];

function compositeKeys(data: Data): readonly string[] {
  let keys: string[] | undefined;
  for (const key in data) {
    const value = data[key];
    if (typeof value === 'object' && value !== null && key !== '__proto__') (keys ??= []).push(key);
  }
  return keys ?? NO_KEYS;
}

import { Kind, print } from 'graphql';
import type { ArgumentNode, FieldDefinitionNode, FieldNode } from 'graphql';
import { directivesNamed } from './supergraph-document.js';
import type { FieldsNode } from './supergraph-document.js';

/** What a twin stands for. */
export interface Twin {
  readonly field: string;
  /** The arguments as text, `limit: 3, first: true`. */
  readonly arguments: string;
}

/**
 * Gives each field with arguments that a subgraph requires a twin: a field of its own name without arguments. The
 * planner knows selections by response name only, so that without twins `price(currency: EUR)` that one field requires
 * and `price(currency: USD)` that another requires, or that the client asks for, would be taken for the same.
 */
export class TwinRegistry {
  readonly #names: Set<string>;
  readonly #byMeaning = new Map<string, string>();
  readonly #twins = new Map<string, Twin>();
  /** Twins by the type that needs them and the field that they are twins of. */
  readonly #needed = new Map<string, Map<string, Set<string>>>();

  constructor(types: ReadonlyMap<string, FieldsNode>) {
    this.#names = new Set([...types.values()].flatMap((type) => (type.fields ?? []).map((field) => field.name.value)));
  }

  /** The twin's name, the same for equal arguments on every type. */
  twinOf(field: FieldNode, parent: string): string {
    const name = this.#nameOf(field.name.value, (field.arguments ?? []).map(print).join(', '));
    const fields = this.#needed.get(parent) ?? new Map<string, Set<string>>();
    this.#needed.set(parent, fields);
    const twins = fields.get(field.name.value) ?? new Set();
    fields.set(field.name.value, twins.add(name));
    return name;
  }

  /** Twin names by name of the field they are twins of, for the type or an interface that it implements. */
  neededBy(type: FieldsNode): ReadonlyMap<string, ReadonlySet<string>> {
    const needed = new Map<string, Set<string>>();
    for (const name of [type.name.value, ...(type.interfaces ?? []).map((implemented) => implemented.name.value)]) {
      for (const [field, twins] of this.#needed.get(name) ?? []) {
        needed.set(field, new Set([...(needed.get(field) ?? []), ...twins]));
      }
    }
    return needed;
  }

  all(): Readonly<Record<string, Twin>> {
    return Object.fromEntries(this.#twins);
  }

  #nameOf(field: string, args: string): string {
    const meaning = `${field}(${args})`;
    const known = this.#byMeaning.get(meaning);
    if (known !== undefined) return known;
    let number = this.#twins.size;
    while (this.#names.has(`${field}__r${number}`)) number += 1;
    const name = `${field}__r${number}`;
    this.#names.add(name);
    this.#byMeaning.set(meaning, name);
    this.#twins.set(name, { field, arguments: args });
    return name;
  }
}

/** The twin's definition: resolved by the same subgraphs as the field, and seen by no client. */
export function twinDefinition(
  field: FieldDefinitionNode,
  { name, directive }: { readonly name: string; readonly directive: string },
): FieldDefinitionNode {
  return {
    kind: Kind.FIELD_DEFINITION,
    name: { kind: Kind.NAME, value: name },
    type: field.type,
    directives: [
      ...directivesNamed(field, 'join__field'),
      { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: directive } },
    ],
  };
}

/** The field that a twin stands for, as a fetch asks for it: the answer carries the twin's name. */
export function realField(
  field: FieldNode,
  { twin, args }: { readonly twin: Twin; readonly args: readonly ArgumentNode[] },
): FieldNode {
  return {
    ...field,
    alias: field.alias ?? field.name,
    name: { kind: Kind.NAME, value: twin.field },
    arguments: [...args, ...(field.arguments ?? [])],
  };
}

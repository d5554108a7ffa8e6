import { baseType, federationMetadata, isInterfaceType, isObjectType, isUnionType } from '@apollo/federation-internals';
import type { CompositeType, FieldDefinition, Schema, Supergraph } from '@apollo/federation-internals';

/** Which object types a name stands for. */
export class RuntimeTypes {
  readonly #subgraphs: ReadonlyMap<string, Schema>;
  readonly #supergraph: Schema;
  readonly #apiSchema: Schema;
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(supergraph: Supergraph, apiSchema: Schema) {
    this.#subgraphs = new Map(
      supergraph
        .subgraphs()
        .values()
        .map(({ name, schema }) => [name, schema]),
    );
    this.#supergraph = supergraph.schema;
    this.#apiSchema = apiSchema;
  }

  schemaOf(subgraph: string): Schema {
    const schema = this.#subgraphs.get(subgraph);
    if (schema === undefined) throw new Error(`the plan names ${subgraph}, which is no subgraph`);
    return schema;
  }

  /** As the client's operation means it. An interface that nothing implements stands for itself. */
  inSupergraph(name: string): ReadonlySet<string> {
    return this.#remember(name, () => {
      const objects = namesOf(this.#supergraph, name);
      return objects.length === 0 ? [name] : objects;
    });
  }

  /** Where the subgraph has it; an interface object of a subgraph can be any implementation. */
  inSubgraph(subgraph: string, name: string): ReadonlySet<string> {
    return this.#remember(`${subgraph} ${name}`, () => {
      const everywhere = this.inSupergraph(name);
      if (everywhere.has(name)) return [name];
      return namesOf(this.schemaOf(subgraph), name).flatMap((object) => [...this.inSupergraph(object)]);
    });
  }

  /**
   * What a field can return: subgraphs that resolve the same field agree about the object, so it is of a type that all
   * of them have.
   */
  returnedBy(subgraph: string, parent: string, field: string): ReadonlySet<string> {
    return this.#remember(`${subgraph} ${parent}.${field}`, () => {
      const type = fieldIn(this.schemaOf(subgraph), parent, field)?.type;
      let shared = type === undefined ? [] : [...this.inSubgraph(subgraph, baseType(type).name)];
      for (const [name, schema] of this.#subgraphs) {
        const same = fieldIn(schema, parent, field);
        if (same?.type === undefined || federationMetadata(schema)?.isFieldExternal(same) === true) continue;
        const others = this.inSubgraph(name, baseType(same.type).name);
        shared = shared.filter((object) => others.has(object));
      }
      return shared;
    });
  }

  /** Types that clients do not see are not theirs to select on. */
  #remember(key: string, find: () => readonly string[]): ReadonlySet<string> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = new Set(find().filter((name) => this.#apiSchema.type(name) !== undefined));
    this.#known.set(key, found);
    return found;
  }
}

/** The definition of a field, if the type is there and has fields. */
export function fieldIn(schema: Schema, parent: string, field: string): FieldDefinition<CompositeType> | undefined {
  const type = schema.type(parent);
  return type !== undefined && (isObjectType(type) || isInterfaceType(type)) ? type.field(field) : undefined;
}

function namesOf(schema: Schema, name: string): readonly string[] {
  const type = schema.type(name);
  if (type === undefined) return [];
  if (isObjectType(type)) return [type.name];
  if (isInterfaceType(type)) return type.possibleRuntimeTypes().map((object) => object.name);
  return isUnionType(type) ? type.types().map((object) => object.name) : [];
}

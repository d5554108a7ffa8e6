import { getNamedType, isAbstractType, isCompositeType, isObjectType, Kind, visit } from 'graphql';
import type {
  FieldNode,
  GraphQLCompositeType,
  GraphQLSchema,
  InlineFragmentNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';

/** An operation that grows larger than this is not worth it: the planner would take its time with every field. */
const MAX_SELECTIONS = 5_000;

/**
 * The same operation with what is selected on an interface or union spelled out for each type that it can be, wherever
 * some types are asked for more than others. The planner can fail on `{ pet { name ... on Dog { name breed } } }` where several
 * fields of it require others, and plans `{ pet { ... on Cat { name } ... on Dog { name breed } } }`.
 * Undefined when it would become too large, or a fragment of it has directives.
 */
export function explodeOperation(
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
): OperationDefinitionNode | undefined {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return undefined;
  const exploder = new Exploder(schema);
  const selectionSet = exploder.explode(operation.selectionSet.selections, root);
  return exploder.isUnfit ? undefined : { ...operation, selectionSet };
}

/** What the operation selects whatever the types of objects are. */
export function withoutConditions(operation: OperationDefinitionNode): OperationDefinitionNode {
  return visit(operation, {
    InlineFragment: ({ typeCondition }) => (typeCondition === undefined ? undefined : null),
    SelectionSet: { leave: (set) => (set.selections.length > 0 ? undefined : { ...set, selections: [TYPENAME] }) },
  });
}

class Exploder {
  readonly #schema: GraphQLSchema;
  #count = 0;
  /** A fragment with directives cannot be opened. */
  #hasDirectives = false;

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  get isUnfit(): boolean {
    return this.#hasDirectives || this.#count > MAX_SELECTIONS;
  }

  explode(selections: readonly SelectionNode[], type: GraphQLCompositeType): SelectionSetNode {
    this.#count += selections.length;
    if (this.isUnfit) return { kind: Kind.SELECTION_SET, selections };
    const narrows = isAbstractType(type) && selections.some(({ kind }) => kind !== Kind.FIELD);
    const exploded = narrows
      ? this.#schema.getPossibleTypes(type).flatMap((possible) => this.#fragmentOn(selections, possible))
      : this.#fieldsOn(selections, type);
    return { kind: Kind.SELECTION_SET, selections: exploded.length === 0 ? [TYPENAME] : exploded };
  }

  #fragmentOn(selections: readonly SelectionNode[], type: GraphQLCompositeType): InlineFragmentNode[] {
    const fields = this.#fieldsOn(selections, type);
    if (fields.length === 0) return [];
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type.name } },
        selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
      },
    ];
  }

  /** The fields that are selected on the type, out of the fragments that apply to it. */
  #fieldsOn(selections: readonly SelectionNode[], type: GraphQLCompositeType): SelectionNode[] {
    return selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return [this.#explodeField(selection, type)];
      if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('an operation is planned without named fragments');
      this.#hasDirectives ||= (selection.directives ?? []).length > 0;
      if (!this.#applies(selection, type)) return [];
      return this.#fieldsOn(selection.selectionSet.selections, type);
    });
  }

  #applies({ typeCondition }: InlineFragmentNode, type: GraphQLCompositeType): boolean {
    if (typeCondition === undefined || typeCondition.name.value === type.name) return true;
    const condition = this.#schema.getType(typeCondition.name.value);
    return isAbstractType(condition) && isObjectType(type) && this.#schema.isSubType(condition, type);
  }

  #explodeField(field: FieldNode, type: GraphQLCompositeType): FieldNode {
    if (field.selectionSet === undefined || !('getFields' in type)) return field;
    const result = getNamedType(type.getFields()[field.name.value]?.type);
    if (!isCompositeType(result)) return field;
    return { ...field, selectionSet: this.explode(field.selectionSet.selections, result) };
  }
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

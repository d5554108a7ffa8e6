import { Kind } from 'graphql';
import type {
  ConstDirectiveNode,
  ConstValueNode,
  DocumentNode,
  EnumTypeDefinitionNode,
  FieldDefinitionNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
  TypeNode,
} from 'graphql';

/** A type of a supergraph that has output fields. */
export type FieldsNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** The types with fields by name. A supergraph is one whole document: nothing in it is an extension. */
export function fieldsNodesOf(document: DocumentNode): ReadonlyMap<string, FieldsNode> {
  const types = new Map<string, FieldsNode>();
  for (const node of document.definitions) if (isFieldsNode(node)) types.set(node.name.value, node);
  return types;
}

export function isFieldsNode(node: { readonly kind: Kind }): node is FieldsNode {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

export function fieldOf(type: FieldsNode | undefined, name: string): FieldDefinitionNode | undefined {
  return type?.fields?.find((field) => field.name.value === name);
}

export function directivesNamed(
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
): readonly ConstDirectiveNode[] {
  return (node.directives ?? []).filter((directive) => directive.name.value === name);
}

export function argumentOf(directive: ConstDirectiveNode, name: string): ConstValueNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name)?.value;
}

/** The argument's text; undefined when it is absent or no string. */
export function textArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = argumentOf(directive, name);
  return value?.kind === Kind.STRING ? value.value : undefined;
}

export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

/** What the supergraph is made of, and what `join__Graph` calls it. */
export function subgraphsOf(
  document: DocumentNode,
): readonly { readonly graph: string; readonly name: string; readonly url: string }[] {
  const graphs = document.definitions.find(
    (node): node is EnumTypeDefinitionNode =>
      node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  return (graphs?.values ?? []).flatMap((value) =>
    directivesNamed(value, 'join__graph').map((join) => ({
      graph: value.name.value,
      name: textArgument(join, 'name') ?? value.name.value,
      url: textArgument(join, 'url') ?? '',
    })),
  );
}

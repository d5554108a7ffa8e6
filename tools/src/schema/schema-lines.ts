import { Kind } from 'graphql';
import type { ASTNode, DocumentNode } from 'graphql';

/**
 * Line of a schema coordinate (`Type`, `Type.field`, `Type.field(arg:)`, `@directive`), or of the nearest thing around
 * it that is there; null when not even the type is.
 */
export function lineOfCoordinate(document: DocumentNode, coordinate: string): number | null {
  const [, directive, type = '', field, argument] = /^(@)?(\w+)(?:\.(\w+)(?:\((\w+):\))?)?/.exec(coordinate) ?? [];
  const candidates: readonly ASTNode[] = document.definitions.filter((definition) =>
    definition.kind === Kind.DIRECTIVE_DEFINITION
      ? directive === '@'
      : directive === undefined && definition.kind !== Kind.SCHEMA_DEFINITION,
  );
  const declared = named(candidates, type);
  const member = named(membersOf(declared), field);
  const found = named(membersOf(member), argument) ?? member ?? declared;
  return found === undefined ? null : lineOf(found);
}

function named(nodes: readonly ASTNode[], name: string | undefined): ASTNode | undefined {
  return nodes.find((node) => 'name' in node && node.name?.kind === Kind.NAME && node.name.value === name);
}

function membersOf(node: ASTNode | undefined): readonly ASTNode[] {
  if (node === undefined) return [];
  if ('fields' in node) return node.fields ?? [];
  if ('values' in node) return node.values ?? [];
  if ('arguments' in node) return node.arguments ?? [];
  return [];
}

/** Line of what the node declares: that of its name, not of its description. */
export function lineOf(node: ASTNode): number | null {
  const name = 'name' in node && node.name?.kind === Kind.NAME ? node.name : node;
  return name.loc?.startToken.line ?? null;
}

import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, SchemaDefinitionNode } from 'graphql';
import { directivesNamed, textArgument } from './supergraph-document.js';

const SPECS = 'https://specs.apollo.dev';

const INACCESSIBLE = parse(
  `schema @link(url: "${SPECS}/inaccessible/v0.2", for: SECURITY) { query: Query }
  directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION`,
  { noLocation: true },
);

/** The name of a feature's directive in this supergraph (https://specs.apollo.dev/link/v1.0/); undefined when it has none. */
export function linkedName(document: DocumentNode, feature: string): string | undefined {
  const link = linksOf(document).find((candidate) =>
    textArgument(candidate, 'url')?.startsWith(`${SPECS}/${feature}/`),
  );
  return link === undefined ? undefined : (textArgument(link, 'as') ?? feature);
}

/** False for a supergraph of Federation 1, whose features are linked by `@core`. */
export function hasLinks(document: DocumentNode): boolean {
  return linksOf(document).length > 0;
}

/** The supergraph with `@inaccessible` in it, and what it is called there. */
export function withInaccessible(document: DocumentNode): {
  readonly document: DocumentNode;
  readonly directive: string;
} {
  const directive = linkedName(document, 'inaccessible');
  if (directive !== undefined) return { document, directive };
  const definitions = document.definitions.map((node) =>
    node.kind === Kind.SCHEMA_DEFINITION
      ? { ...node, directives: [...(node.directives ?? []), ...linksOf(INACCESSIBLE)] }
      : node,
  );
  const added = INACCESSIBLE.definitions.filter(({ kind }) => kind === Kind.DIRECTIVE_DEFINITION);
  return { document: { ...document, definitions: [...definitions, ...added] }, directive: 'inaccessible' };
}

function linksOf(document: DocumentNode): readonly ConstDirectiveNode[] {
  const schema = document.definitions.find(
    (node): node is SchemaDefinitionNode => node.kind === Kind.SCHEMA_DEFINITION,
  );
  return schema === undefined ? [] : directivesNamed(schema, 'link');
}

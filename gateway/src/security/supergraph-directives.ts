import { valueFromASTUntyped } from 'graphql';
import type { ConstDirectiveNode, GraphQLSchema } from 'graphql';

/** A feature that the supergraph uses: https://specs.apollo.dev/link/v1.0/ */
interface Feature {
  /** URL without its version, for instance `https://specs.apollo.dev/cost`. */
  readonly identity: string;
  /** What its elements are prefixed with, and what its own directive is called. */
  readonly prefix: string;
  /** Names in the schema by names in the feature, `@` included. */
  readonly imports: ReadonlyMap<string, string>;
}

/**
 * How a supergraph calls the directive of a feature: subgraphs may rename what they import, and what is not imported
 * has its feature's name before its own. A supergraph that does not say where a directive of this name comes from means
 * the usual one: a demand is rather enforced once too often. Undefined when it has none.
 */
export function directiveNameIn(
  schema: GraphQLSchema,
  { feature: identity, name }: { readonly feature: string; readonly name: string },
): string | undefined {
  const features = featuresOf(schema);
  const feature = features.find((one) => one.identity === identity);
  if (feature === undefined) {
    const isAnothers = features.some((one) => one.prefix === name || [...one.imports.values()].includes(`@${name}`));
    return isAnothers || schema.getDirective(name) == null ? undefined : name;
  }
  const imported = feature.imports.get(`@${name}`);
  if (imported !== undefined) return imported.slice(1);
  return identity.endsWith(`/${name}`) ? feature.prefix : `${feature.prefix}__${name}`;
}

function featuresOf(schema: GraphQLSchema): Feature[] {
  const nodes = [
    ...(schema.astNode?.directives ?? []),
    ...schema.extensionASTNodes.flatMap((node) => node.directives ?? []),
  ];
  // `@link` may have another name itself; before it there was `@core(feature:)`.
  return nodes.flatMap((node) => {
    const values = argumentsOf(node);
    const url = values['url'] ?? values['feature'];
    return typeof url === 'string' && URL.canParse(url) ? [featureOf(url, values)] : [];
  });
}

function featureOf(url: string, { as, import: imported }: Readonly<Record<string, unknown>>): Feature {
  const identity = url.replace(/\/v\d+\.\d+\/?$/, '');
  const imports = new Map<string, string>();
  for (const item of Array.isArray(imported) ? (imported as readonly unknown[]) : []) {
    if (typeof item === 'string') imports.set(item, item);
    else if (isRenaming(item)) imports.set(item.name, item.as ?? item.name);
  }
  return { identity, prefix: typeof as === 'string' ? as : identity.slice(identity.lastIndexOf('/') + 1), imports };
}

function isRenaming(item: unknown): item is { readonly name: string; readonly as?: string } {
  return typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string';
}

/** What a directive was given, as plain values; defaults are not filled in. */
export function argumentsOf(node: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (node.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)] as const),
  );
}

interface Described {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined;
  readonly extensionASTNodes?:
    | readonly { readonly directives?: readonly ConstDirectiveNode[] | undefined }[]
    | null
    | undefined;
}

/** The uses of one directive on an element of the schema. */
export function directivesOn({ astNode, extensionASTNodes }: Described, name: string): ConstDirectiveNode[] {
  return [astNode, ...(extensionASTNodes ?? [])].flatMap((node) =>
    (node?.directives ?? []).filter((directive) => directive.name.value === name),
  );
}

import { Problem } from '../problem/index.js';

const NAME = /^[a-z][a-z0-9-]{1,30}$/;

/** Names that mean something else: workspaces, databases of the platform, and what GraphQL calls its own. */
const RESERVED: ReadonlySet<string> = new Set([
  'bench',
  'bus',
  'client',
  'console',
  'gateway',
  'mutation',
  'orion',
  'platform',
  'postgres',
  'query',
  'root',
  'schema',
  'subgraph',
  'subscription',
  'system',
  'template0',
  'template1',
  'tests',
  'tools',
]);

/** A subgraph's name in the spellings that its files need. */
export interface SubgraphNames {
  /** `order-desk`: folder, package, service. */
  readonly name: string;
  /** `OrderDesk`: types. */
  readonly Name: string;
  /** `orderDesk`: fields. */
  readonly camel: string;
  /** `ORDER_DESK`: enum values. */
  readonly SCREAMING: string;
}

/**
 * Spells the name of a new subgraph.
 * Throws a Problem when it cannot be one or is taken.
 */
export function spell(name: string, { taken }: { readonly taken: readonly string[] }): SubgraphNames {
  if (!NAME.test(name) || name.endsWith('-') || name.includes('--')) {
    throw new Problem(`"${name}" cannot be the name of a subgraph.`, {
      advice: ['Use 2 to 31 lower-case letters, digits and single hyphens, a letter first: billing, order-desk.'],
    });
  }
  if (RESERVED.has(name))
    throw new Problem(`"${name}" means something else here.`, { advice: ['Choose another name.'] });
  if (taken.includes(name)) {
    throw new Problem(`There is a subgraph ${name} already.`, {
      advice: [`Taken: ${[...new Set(taken)].toSorted().join(', ')}.`],
    });
  }
  const words = name.split('-');
  const Name = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
  return {
    name,
    Name,
    camel: `${Name.charAt(0).toLowerCase()}${Name.slice(1)}`,
    SCREAMING: words.join('_').toUpperCase(),
  };
}

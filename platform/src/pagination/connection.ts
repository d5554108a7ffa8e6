import { ArgsType, Directive, Field, Int, ObjectType } from 'type-graphql';
import type { ClassType } from 'type-graphql';

/** `first` when the client does not say. */
export const DEFAULT_PAGE_SIZE = 20;
/** The most that `first` may ask for. */
export const MAX_PAGE_SIZE = 100;

/** Where a page stands among its neighbours. https://relay.dev/graphql/connections.htm */
@Directive('@shareable')
@ObjectType({ description: 'Where a page stands among its neighbours.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more items follow the last one of this page.' })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether items precede the first one of this page.' })
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first item; null on an empty page.' })
  readonly startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last item, to continue with `after`; null on an empty page.',
  })
  readonly endCursor!: string | null;
}

/** Arguments of every list: `first` and `after`. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: DEFAULT_PAGE_SIZE, description: 'How many items at the most, 1 to 100.' })
  readonly first!: number;

  @Field(() => String, { nullable: true, description: 'Continue behind this cursor.' })
  readonly after?: string | null;
}

/** Arguments of a list that goes both ways. */
@ArgsType()
export class TwoWayPageArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'How many items at the most, from the front: 1 to 100; 20 when neither this nor `last` is given.',
  })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: 'Continue behind this cursor, with `first`.' })
  readonly after?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many items at the most, from the end: 1 to 100.' })
  readonly last?: number | null;

  @Field(() => String, { nullable: true, description: 'Continue before this cursor, with `last`.' })
  readonly before?: string | null;
}

/** One page of a list. */
export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: PageInfo;
}

/** Declares `XConnection` and `XEdge` for a node type. Call once a type and export the result. */
export function createConnectionType<Node extends object>(NodeType: ClassType<Node>, name: string) {
  @ObjectType(`${name}Edge`, { description: `A ${name} and its place in the list.` })
  class Edge {
    @Field(() => String, { description: 'Opaque cursor of this item, for the same list, filter and order.' })
    readonly cursor!: string;

    @Field(() => NodeType, { description: 'The item.' })
    readonly node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: `One page of a list of ${name}.` })
  class ConnectionType implements Connection<Node> {
    @Field(() => [Edge], { description: 'The items with their cursors.' })
    readonly edges!: Edge[];

    @Field(() => [NodeType], { description: 'The items, for clients that need no cursor of each.' })
    readonly nodes!: Node[];

    @Field(() => PageInfo, { description: 'Where this page stands.' })
    readonly pageInfo!: PageInfo;
  }
  return ConnectionType;
}

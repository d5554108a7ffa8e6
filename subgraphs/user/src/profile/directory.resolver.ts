import { forbidden } from '@orion/platform/errors';
import { holds } from '@orion/platform/identity';
import type { Viewer } from '@orion/platform/identity';
import { PageArgs, pageRequest, TwoWayPageArgs, twoWayPageRequest } from '@orion/platform/pagination';
import { Auth, Authenticated } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import type { DirectoryService } from './directory.service.js';
import { UserFilter, UserOrder, UserOrderField } from './directory.types.js';
import { UserConnection } from './user.entity.js';

@Resolver()
export class DirectoryResolver {
  constructor(private readonly directory: DirectoryService) {}

  @Auth('user:list:any')
  @Query(() => UserConnection, { nullable: true, description: 'Everybody, newest first unless ordered otherwise.' })
  users(
    @Arg('filter', () => UserFilter, { nullable: true, description: 'Whom to show; everybody when left out.' })
    filter: UserFilter | null,
    @Arg('orderBy', () => UserOrder, { nullable: true, description: 'How to sort.' }) orderBy: UserOrder | null,
    @Args(() => TwoWayPageArgs) page: TwoWayPageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<UserConnection> {
    refuseHidden(context.viewer, filter ?? {}, orderBy ?? null);
    const byEmail = holds(context.viewer, 'user:read-pii:any');
    // Who loses the right to find by address begins anew: the list is another one.
    const list = { list: 'Query.users', filter: { ...filter, byEmail }, orderBy };
    const request = twoWayPageRequest(page, list, context);
    return this.directory.list({ request, filter: filter ?? null, byEmail, order: orderBy ?? null });
  }

  @Authenticated()
  @Query(() => UserConnection, {
    nullable: true,
    description: 'People by the beginnings of words of their display name or user name, in order of their names.',
  })
  searchUsers(
    @Arg('query', () => String, { description: 'What to look for, 2 to 100 characters.' }) query: string,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<UserConnection> {
    return this.directory.search(query, pageRequest(page, { list: 'Query.searchUsers', filter: { query } }, context));
  }
}

/** What one may not read, one may not sort or choose by: the order and the number would tell. */
function refuseHidden(viewer: Viewer | null, filter: UserFilter, orderBy: UserOrder | null): void {
  const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
  const needs: readonly (readonly [string, boolean])[] = [
    ['activity:read:any', isGiven(filter.signedInAfter) || orderBy?.field === UserOrderField.LAST_SEEN],
    ['role:read:any', isGiven(filter.role)],
    ['user:read:any', isGiven(filter.status)],
  ];
  for (const [permission, isNeeded] of needs) if (isNeeded && !holds(viewer, permission)) throw forbidden(permission);
}

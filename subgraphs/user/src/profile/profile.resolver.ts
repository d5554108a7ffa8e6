import { holds } from '@orion/platform/identity';
import { PageArgs, pageRequest, twoWayPageRequest, TwoWayPageArgs } from '@orion/platform/pagination';
import { Auth, Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { DirectoryService } from './directory.service.js';
import type { ProfileService } from './profile.service.js';
import { UpdateProfileInput, UpdateProfilePayload, UserFilter, UserOrder } from './profile.types.js';
import { User, UserConnection } from './user.entity.js';

@Resolver(() => User)
export class ProfileResolver {
  constructor(
    private readonly profiles: ProfileService,
    private readonly directory: DirectoryService,
  ) {}

  @Authenticated()
  @Query(() => User, { nullable: true, description: 'You.' })
  me(@Ctx() context: SubgraphContext): Promise<User | null> {
    const { userId } = viewerOf(context);
    return this.profiles.find(userId, { loaders: context.loaders, viewerId: userId });
  }

  @Authenticated()
  @Query(() => User, { nullable: true, description: 'A person by id; null when there is none.' })
  user(
    @Arg('id', () => ID, { description: 'UUID.' }) id: string,
    @Ctx() context: SubgraphContext,
  ): Promise<User | null> {
    return this.profiles.find(id, { loaders: context.loaders, viewerId: viewerOf(context).userId });
  }

  @Auth('user:list:any')
  @Query(() => UserConnection, { nullable: true, description: 'Everybody, newest first unless ordered otherwise.' })
  users(
    @Arg('filter', () => UserFilter, { nullable: true, description: 'Whom to show; everybody when left out.' })
    filter: UserFilter | null,
    @Arg('orderBy', () => UserOrder, { nullable: true, description: 'How to sort.' }) orderBy: UserOrder | null,
    @Args(() => TwoWayPageArgs) page: TwoWayPageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<UserConnection> {
    return this.directory.list({
      request: twoWayPageRequest(page, { list: 'Query.users', filter, orderBy }, context),
      search: filter?.search ?? null,
      byEmail: holds(context.viewer, 'user:read-pii:any'),
      order: orderBy,
    });
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

  @Authenticated()
  @Mutation(() => UpdateProfilePayload, { description: 'Change your profile.' })
  async updateProfile(
    @Arg('input', () => UpdateProfileInput, { description: 'What to change.' }) input: UpdateProfileInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UpdateProfilePayload> {
    const { user, faults } = await this.profiles.update(viewerOf(context).userId, input);
    return { user, userErrors: faults };
  }
}

import { actorOf } from '@orion/platform/audit';
import { badUserInput } from '@orion/platform/errors';
import { Auth, Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { granterOf } from '../permission/authority.js';
import type { ProfileChangeService } from './profile-change.service.js';
import type { ProfileService } from './profile.service.js';
import {
  AdminUpdateUserInput,
  AdminUpdateUserPayload,
  UpdateProfileInput,
  UpdateProfilePayload,
} from './profile.types.js';
import { User } from './user.entity.js';

@Resolver(() => User)
export class ProfileResolver {
  constructor(
    private readonly profiles: ProfileService,
    private readonly changes: ProfileChangeService,
  ) {}

  @Authenticated()
  @Query(() => User, { nullable: true, description: 'You.' })
  me(@Ctx() context: SubgraphContext): Promise<User | null> {
    const { userId } = viewerOf(context);
    return this.profiles.find(userId, { loaders: context.loaders, viewerId: userId });
  }

  @Authenticated()
  @Query(() => User, { nullable: true, description: 'A person by id or by user name; null when there is none.' })
  user(
    @Arg('id', () => ID, { nullable: true, description: 'UUID; leave it out to find by user name.' })
    id: string | null,
    @Arg('username', () => String, { nullable: true, description: 'User name, in any case of letters.' })
    username: string | null,
    @Ctx() context: SubgraphContext,
  ): Promise<User | null> {
    const { userId } = viewerOf(context);
    if (typeof id === 'string' && typeof username !== 'string')
      return this.profiles.find(id, { loaders: context.loaders, viewerId: userId });
    if (typeof username === 'string' && typeof id !== 'string')
      return context.loaders.load(this.profiles.byUsername, username);
    throw badUserInput('Give either id or username.');
  }

  @Authenticated()
  @Mutation(() => UpdateProfilePayload, { description: 'Change your profile.' })
  async updateProfile(
    @Arg('input', () => UpdateProfileInput, { description: 'What to change.' }) input: UpdateProfileInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UpdateProfilePayload> {
    const { user, faults } = await this.changes.updateOwn(viewerOf(context).userId, input, actorOf(context));
    return { user, userErrors: faults };
  }

  @Auth('user:write:any', { stepUp: true })
  @Mutation(() => AdminUpdateUserPayload, { description: 'Change the profile of somebody below you.' })
  async adminUpdateUser(
    @Arg('input', () => AdminUpdateUserInput, { description: 'Whose profile, and what to change.' })
    input: AdminUpdateUserInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AdminUpdateUserPayload> {
    const { user, faults } = await this.changes.updateOther(input.userId.toLowerCase(), input, {
      granter: granterOf(context),
      reason: input.reason ?? null,
    });
    return { user, userErrors: faults };
  }
}

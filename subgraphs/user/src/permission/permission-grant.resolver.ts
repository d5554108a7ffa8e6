import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { ProfileService } from '../profile/profile.service.js';
import { User } from '../profile/user.entity.js';
import { userError } from '../user-error.js';
import { granterOf } from './authority.js';
import type { AccessAnswer } from './change-access.js';
import type { PermissionGrantService } from './permission-grant.service.js';
import {
  DirectPermission,
  GrantUserPermissionInput,
  RevokeUserPermissionInput,
  UserPermissionPayload,
} from './permission-grant.types.js';

@Resolver(() => DirectPermission)
export class PermissionGrantResolver {
  constructor(
    private readonly grants: PermissionGrantService,
    private readonly profiles: ProfileService,
  ) {}

  @FieldResolver(() => User, { nullable: true, description: 'Who did it; null when they are gone.' })
  async grantedBy(@Root() { grantedById }: DirectPermission, @Ctx() context: SubgraphContext): Promise<User | null> {
    return grantedById === null ? null : context.loaders.load(this.profiles.byId, grantedById);
  }

  @Auth('permission:write:any', { stepUp: true })
  @Mutation(() => UserPermissionPayload, {
    description: 'Give or deny somebody a permission beside their roles. What is denied is denied, whatever gives it.',
  })
  grantUserPermission(
    @Arg('input', () => GrantUserPermissionInput, { description: 'Which, to whom, until when.' })
    input: GrantUserPermissionInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UserPermissionPayload> {
    const { permission, effect, expiresAt = null, reason = null } = input;
    return this.#change(input.userId, context, (userId) =>
      this.grants.grant({ userId, permission, effect, expiresAt, reason }, granterOf(context)),
    );
  }

  @Auth('permission:write:any', { stepUp: true })
  @Mutation(() => UserPermissionPayload, {
    description: 'Take a direct grant or denial back. To take back one that is not there changes nothing.',
  })
  revokeUserPermission(
    @Arg('input', () => RevokeUserPermissionInput, { description: 'Which, from whom.' })
    { permission, effect, ...input }: RevokeUserPermissionInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UserPermissionPayload> {
    return this.#change(input.userId, context, (userId) =>
      this.grants.revoke({ userId, permission, effect }, granterOf(context)),
    );
  }

  async #change(
    userId: string,
    context: SubgraphContext,
    apply: (userId: string) => Promise<AccessAnswer<true>>,
  ): Promise<UserPermissionPayload> {
    const user = await context.loaders.load(this.profiles.byId, userId);
    if (user === null) return { user, userErrors: [userError('USER_NOT_FOUND', ['input', 'userId'])] };
    const { value, userErrors } = await apply(user.id);
    return { user: value === null ? null : user, userErrors };
  }
}

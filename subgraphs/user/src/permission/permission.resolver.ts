import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth, Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { circumstancesOf } from './circumstances.js';
import { decide, Decision, scopesOf, sufficientKeys } from './decision.js';
import { describeAccess } from './effective-permissions.js';
import type { PermissionGrantService } from './permission-grant.service.js';
import { DirectPermission } from './permission-grant.types.js';
import { PermissionConnection } from './permission.entity.js';
import type { PermissionService } from './permission.service.js';
import { EffectivePermission } from './permission.types.js';

@Resolver(() => User)
export class PermissionResolver {
  constructor(
    private readonly permissionService: PermissionService,
    private readonly grants: PermissionGrantService,
  ) {}

  @Auth('permission:read:own')
  @FieldResolver(() => [EffectivePermission], {
    nullable: true,
    description:
      'All that they may do beside what is their own, in order of the keys: what everybody may do with their own is not listed.',
  })
  async effectivePermissions(
    @Root() { id }: User,
    @Ctx() { loaders }: SubgraphContext,
  ): Promise<EffectivePermission[]> {
    return describeAccess(await loaders.load(this.permissionService.accessOfUsers, id));
  }

  @Auth('permission:read:own')
  @FieldResolver(() => [DirectPermission], {
    nullable: true,
    description: 'What was given or denied to them directly, beside their roles, in order of the keys.',
  })
  async directPermissions(@Root() { id }: User, @Ctx() { loaders }: SubgraphContext): Promise<DirectPermission[]> {
    return [...(await loaders.load(this.grants.ofUsers, id))];
  }

  @Authenticated()
  @Query(() => PermissionConnection, {
    nullable: true,
    description: 'All permissions there are, in order of the keys.',
  })
  permissions(@Args(() => PageArgs) page: PageArgs, @Ctx() context: SubgraphContext): Promise<PermissionConnection> {
    return this.permissionService.page(pageRequest(page, { list: 'Query.permissions' }, context));
  }

  @Authenticated()
  @Query(() => Decision, {
    nullable: true,
    description: 'Whether you may do something, decided by what the database says now.',
  })
  async can(
    @Arg('permission', () => String, { description: '`resource:action:scope`, for instance notification:send:any.' })
    permission: string,
    @Arg('resourceId', () => ID, {
      nullable: true,
      description: 'Id of the user whom it belongs to; you when left out.',
    })
    resourceId: string | null,
    @Ctx() context: SubgraphContext,
  ): Promise<Decision> {
    const viewer = viewerOf(context);
    // Before anything is asked of the database, which it may not even be able to keep.
    sufficientKeys(permission);
    const [access, isKnown] = await Promise.all([
      context.loaders.load(this.permissionService.accessOfUsers, viewer.userId),
      context.loaders.load(this.permissionService.areKnown, permission),
    ]);
    return decide({
      permission,
      userId: viewer.userId,
      ownerId: resourceId ?? null,
      access,
      circumstances: circumstancesOf(viewer, context),
      isKnown,
      scopes: scopesOf(viewer),
    });
  }
}

import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { describePermission } from './permission-key.js';
import type { PermissionService } from './permission.service.js';
import type { RoleService } from './role.service.js';
import { Permission, UserRole } from './role.types.js';

@Resolver(() => User)
export class UserRolesResolver {
  constructor(
    private readonly roleService: RoleService,
    private readonly permissions: PermissionService,
  ) {}

  @Auth('role:read:own')
  @FieldResolver(() => [UserRole], { nullable: true, description: 'The roles they have, highest level first.' })
  async roles(@Root() user: User, @Ctx() context: SubgraphContext): Promise<UserRole[]> {
    return [...(await context.loaders.load(this.roleService.rolesOfUsers, user.id))];
  }

  @Auth('permission:read:own')
  @FieldResolver(() => [Permission], {
    nullable: true,
    description: 'All that their roles allow, in order of the keys. What is their own, everybody may read and change.',
  })
  async effectivePermissions(@Root() user: User, @Ctx() context: SubgraphContext): Promise<Permission[]> {
    return (await context.loaders.load(this.permissions.keysOfUsers, user.id)).map(describePermission);
  }
}

import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import type { RoleService } from './role.service.js';
import { UserRole } from './role.types.js';

@Resolver(() => User)
export class UserRolesResolver {
  constructor(private readonly roleService: RoleService) {}

  @Auth('role:read:own')
  @FieldResolver(() => [UserRole], { nullable: true, description: 'The roles they have, highest level first.' })
  async roles(@Root() user: User, @Ctx() context: SubgraphContext): Promise<UserRole[]> {
    return [...(await context.loaders.load(this.roleService.rolesOfUsers, user.id))];
  }
}

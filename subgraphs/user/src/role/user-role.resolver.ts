import type { SubgraphContext } from '@orion/platform/subgraph';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ProfileService } from '../profile/profile.service.js';
import { User } from '../profile/user.entity.js';
import { UserRole } from './role.types.js';

@Resolver(() => UserRole)
export class UserRoleResolver {
  constructor(private readonly profiles: ProfileService) {}

  @FieldResolver(() => User, { nullable: true, description: 'Who gave it; null when it was the system.' })
  async grantedBy(@Root() role: UserRole, @Ctx() context: SubgraphContext): Promise<User | null> {
    return role.grantedById === null ? null : context.loaders.load(this.profiles.byId, role.grantedById);
  }
}

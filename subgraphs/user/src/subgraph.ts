import { defineSubgraph } from '@orion/platform/subgraph';
import { configSchema } from './config.js';
import type { UserConfig } from './config.js';
import { seedDemoAdministrator } from './demo/demo-administrator.js';
import { migrations } from './migrations/index.js';
import { DirectoryService } from './profile/directory.service.js';
import { handleAccountEvents } from './profile/profile.consumer.js';
import { ProfileResolver } from './profile/profile.resolver.js';
import { ProfileService } from './profile/profile.service.js';
import { User } from './profile/user.entity.js';
import { PermissionService } from './role/permission.service.js';
import { RoleGrantService } from './role/role-grant.service.js';
import { Role } from './role/role.entity.js';
import { RoleResolver } from './role/role.resolver.js';
import { RoleService } from './role/role.service.js';
import { UserRoleGrant } from './role/user-role.entity.js';
import { UserRoleResolver } from './role/user-role.resolver.js';
import { UserRolesResolver } from './role/user-roles.resolver.js';

export const subgraph = defineSubgraph<UserConfig>({
  name: 'user',
  configSchema,
  entities: [Role, User, UserRoleGrant],
  migrations,
  resolvers: [ProfileResolver, RoleResolver, UserRoleResolver, UserRolesResolver],
  stubs: [],
  owners: { User: 'id' },

  assemble({ database, backbone }) {
    const grants = new RoleGrantService(database);
    const profiles = new ProfileService(database, grants);
    const directory = new DirectoryService(database.manager);
    const roles = new RoleService(database.manager);
    const permissions = new PermissionService(database.manager);

    return {
      resolvers: [
        new ProfileResolver(profiles, directory),
        new RoleResolver(roles, permissions, grants, profiles),
        new UserRoleResolver(profiles),
        new UserRolesResolver(roles, permissions),
      ],
      references: {
        User: ({ id = '' }, { loaders, viewer }) => profiles.find(id, { loaders, viewerId: viewer?.userId ?? null }),
      },
      seed: () => seedDemoAdministrator(database, { profiles, grants }),
      start: () => {
        backbone.consume({
          group: 'user',
          topics: ['orion.auth'],
          ordering: 'key',
          handle: handleAccountEvents(profiles),
        });
        return Promise.resolve();
      },
    };
  },
});

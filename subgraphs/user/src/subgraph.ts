import { createLivePoll } from '@orion/platform/live';
import { defineSubgraph } from '@orion/platform/subgraph';
import { AuditLog } from './audit/audit-log.entity.js';
import { handleAuditEvents } from './audit/audit.consumer.js';
import { AuditResolver } from './audit/audit.resolver.js';
import { AuditService } from './audit/audit.service.js';
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

/** Between looks for new audit records, while somebody listens. */
const AUDIT_LOOK_MS = 500;

export const subgraph = defineSubgraph<UserConfig>({
  name: 'user',
  configSchema,
  entities: [AuditLog, Role, User, UserRoleGrant],
  migrations,
  resolvers: [AuditResolver, ProfileResolver, RoleResolver, UserRoleResolver, UserRolesResolver],
  stubs: [],
  owners: { User: 'id' },

  assemble({ database, backbone, logger }) {
    const grants = new RoleGrantService(database);
    const profiles = new ProfileService(database, grants);
    const directory = new DirectoryService(database.manager);
    const roles = new RoleService(database.manager);
    const permissions = new PermissionService(database.manager);
    const audit = new AuditService(database);
    const auditAdded = createLivePoll({
      everyMs: AUDIT_LOOK_MS,
      look: (cursor: string | null) => audit.recordedAfter(cursor),
      logger,
    });

    return {
      resolvers: [
        new AuditResolver(audit, profiles, auditAdded),
        new ProfileResolver(profiles, directory),
        new RoleResolver(roles, permissions, grants, profiles),
        new UserRoleResolver(profiles),
        new UserRolesResolver(roles, permissions),
      ],
      references: {
        User: ({ id = '' }, { loaders, viewer }) => profiles.find(id, { loaders, viewerId: viewer?.userId ?? null }),
      },
      seed: () => seedDemoAdministrator(database, { profiles, grants }),
      async start() {
        await grants.announceOwed();
        backbone.consume({
          group: 'user',
          topics: ['orion.auth'],
          ordering: 'key',
          handle: handleAccountEvents(profiles),
        });
        backbone.consume({
          group: 'user.audit',
          topics: ['orion.audit', 'orion.user'],
          types: ['audit.recorded', 'user.deleted'],
          ordering: 'none',
          handle: handleAuditEvents(),
        });
      },
      stop: () => auditAdded.close(),
    };
  },
});

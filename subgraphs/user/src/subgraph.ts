import { route } from '@orion/platform/events';
import { createLivePoll } from '@orion/platform/live';
import { defineSubgraph } from '@orion/platform/subgraph';
import { activityRoutes } from './activity/activity.consumer.js';
import { Activity } from './activity/activity.entity.js';
import { ActivityService } from './activity/activity.service.js';
import { UserActivityResolver } from './activity/user-activity.resolver.js';
import { ApiKeyIdentityService } from './api-key/api-key-identity.service.js';
import { ApiKey } from './api-key/api-key.entity.js';
import { ApiKeyResolver } from './api-key/api-key.resolver.js';
import { ApiKeyService } from './api-key/api-key.service.js';
import { AuditLog } from './audit/audit-log.entity.js';
import { handleAuditEvents } from './audit/audit.consumer.js';
import { AuditResolver } from './audit/audit.resolver.js';
import { AuditService } from './audit/audit.service.js';
import { AvatarResolver } from './avatar/avatar.resolver.js';
import { AvatarService } from './avatar/avatar.service.js';
import { configSchema } from './config.js';
import type { UserConfig } from './config.js';
import { seedDemoAdministrator } from './demo/demo-administrator.js';
import { DeletionResolver } from './deletion/deletion.resolver.js';
import { DeletionService } from './deletion/deletion.service.js';
import { handleExportEvents } from './export/export.consumer.js';
import { DataExport } from './export/export.entity.js';
import { ExportResolver } from './export/export.resolver.js';
import { ExportService } from './export/export.service.js';
import { migrations } from './migrations/index.js';
import { registerAccessUpkeep } from './permission/access-upkeep.js';
import { ExplanationResolver } from './permission/explanation.resolver.js';
import { ExplanationService } from './permission/explanation.service.js';
import { PermissionGrantResolver } from './permission/permission-grant.resolver.js';
import { PermissionGrantService } from './permission/permission-grant.service.js';
import { Permission } from './permission/permission.entity.js';
import { PermissionResolver } from './permission/permission.resolver.js';
import { PermissionService } from './permission/permission.service.js';
import { Policy } from './policy/policy.entity.js';
import { PolicyResolver } from './policy/policy.resolver.js';
import { PolicyService } from './policy/policy.service.js';
import { Preference } from './preference/preference.entity.js';
import { PreferenceResolver } from './preference/preference.resolver.js';
import { PreferenceService } from './preference/preference.service.js';
import { DirectoryResolver } from './profile/directory.resolver.js';
import { DirectoryService } from './profile/directory.service.js';
import { LiveProfileResolver } from './profile/live-profile.resolver.js';
import { createLiveProfiles, followProfiles } from './profile/live-profiles.js';
import { ProfileChangeService } from './profile/profile-change.service.js';
import { profileRoutes } from './profile/profile.consumer.js';
import { ProfileResolver } from './profile/profile.resolver.js';
import { ProfileService } from './profile/profile.service.js';
import { User } from './profile/user.entity.js';
import { appointFirstAdministrator } from './role/first-administrator.js';
import { RoleAssignmentResolver } from './role/role-assignment.resolver.js';
import { RoleCommandResolver } from './role/role-command.resolver.js';
import { RoleCommandService } from './role/role-command.service.js';
import { RoleGrantService } from './role/role-grant.service.js';
import { Role } from './role/role.entity.js';
import { RoleResolver } from './role/role.resolver.js';
import { RoleService } from './role/role.service.js';
import { UserRoleGrant } from './role/user-role.entity.js';
import { UserRoleResolver } from './role/user-role.resolver.js';
import { UserRolesResolver } from './role/user-roles.resolver.js';
import { ServiceAccountResolver } from './service-account/service-account.resolver.js';
import { ServiceAccountService } from './service-account/service-account.service.js';
import { StandingResolver } from './standing/standing.resolver.js';
import { StandingService } from './standing/standing.service.js';
import { registerUpkeep } from './upkeep/upkeep.job.js';

/** Between looks for new audit records, while somebody listens. */
const AUDIT_LOOK_MS = 500;

export const subgraph = defineSubgraph<UserConfig>({
  name: 'user',
  configSchema,
  entities: [Activity, ApiKey, AuditLog, DataExport, Permission, Policy, Preference, Role, User, UserRoleGrant],
  migrations,
  resolvers: [
    ApiKeyResolver,
    AuditResolver,
    AvatarResolver,
    DeletionResolver,
    DirectoryResolver,
    ExplanationResolver,
    ExportResolver,
    LiveProfileResolver,
    PermissionGrantResolver,
    PermissionResolver,
    PolicyResolver,
    PreferenceResolver,
    ProfileResolver,
    RoleAssignmentResolver,
    RoleCommandResolver,
    RoleResolver,
    ServiceAccountResolver,
    StandingResolver,
    UserActivityResolver,
    UserRoleResolver,
    UserRolesResolver,
  ],
  stubs: [],
  owners: { User: 'id' },

  assemble({ config, database, backbone, jobs, transport, sealer, logger }) {
    const grants = new RoleGrantService(database);
    const profiles = new ProfileService(database, grants);
    const directory = new DirectoryService(database.manager);
    const profileChanges = new ProfileChangeService(database, profiles);
    const liveProfiles = createLiveProfiles();
    const apiKeys = new ApiKeyService(database);
    const permissionGrants = new PermissionGrantService(database);
    const avatars = new AvatarService(database, profiles);
    const deletions = new DeletionService(database, apiKeys, config.ACCOUNT_DELETION_DAYS);
    registerUpkeep(jobs, { deletions, activityDays: config.ACTIVITY_RETENTION_DAYS });
    registerAccessUpkeep(jobs);
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
        new ApiKeyResolver(apiKeys, new ApiKeyIdentityService(database.manager, permissions)),
        new AuditResolver(audit, profiles, auditAdded),
        new AvatarResolver(avatars, profiles, config.PUBLIC_URL.replace(/\/+$/, '')),
        new DeletionResolver(deletions),
        new DirectoryResolver(directory),
        new ExplanationResolver(new ExplanationService(database.manager), permissions, profiles),
        new ExportResolver(new ExportService(database, sealer, profiles)),
        new LiveProfileResolver(liveProfiles, profiles),
        new PermissionGrantResolver(permissionGrants, profiles),
        new PermissionResolver(permissions, permissionGrants),
        new PolicyResolver(new PolicyService(database), roles),
        new PreferenceResolver(new PreferenceService(database, profiles)),
        new ProfileResolver(profiles, profileChanges),
        new StandingResolver(new StandingService(database, deletions)),
        new UserActivityResolver(new ActivityService(database.manager)),
        new RoleAssignmentResolver(grants, profiles),
        new RoleCommandResolver(new RoleCommandService(database)),
        new RoleResolver(roles, permissions),
        new ServiceAccountResolver(new ServiceAccountService(database, grants, deletions)),
        new UserRoleResolver(profiles),
        new UserRolesResolver(roles),
      ],
      references: {
        User: ({ id = '' }, { loaders, viewer }) => profiles.find(id, { loaders, viewerId: viewer?.userId ?? null }),
      },
      files: { '/avatars/': (name) => avatars.file(name) },
      seed: () => seedDemoAdministrator(database, { profiles, grants }),
      async start() {
        await grants.announceOwed();
        if (config.FIRST_ADMINISTRATOR_ID !== undefined) {
          const outcome = await appointFirstAdministrator(database, grants, config.FIRST_ADMINISTRATOR_ID);
          if (outcome === 'unknown') logger.warn('FIRST_ADMINISTRATOR_ID is the id of nobody who could be it');
        }
        backbone.consume({
          group: 'user',
          topics: ['orion.auth'],
          ordering: 'key',
          handle: route([...profileRoutes(profiles), ...activityRoutes()]),
        });
        backbone.consume({
          group: 'user.exports',
          topics: ['orion.auth', 'orion.notification', 'orion.analytics'],
          types: ['auth.data_exported', 'notification.data_exported', 'analytics.data_exported'],
          ordering: 'none',
          handle: handleExportEvents(),
        });
        backbone.consume({
          group: 'user.audit',
          topics: ['orion.audit', 'orion.user'],
          types: ['audit.recorded', 'user.deleted'],
          ordering: 'none',
          handle: handleAuditEvents(),
        });
        await transport.tail(['orion.user'], { onEvent: followProfiles(liveProfiles) });
      },
      async stop() {
        liveProfiles.close();
        await auditAdded.close();
      },
    };
  },
});

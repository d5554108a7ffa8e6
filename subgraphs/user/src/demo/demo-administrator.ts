import type { DataSource } from 'typeorm';
import type { ProfileService } from '../profile/profile.service.js';
import type { RoleGrantService } from '../role/role-grant.service.js';

/** The account that auth opens in demo mode for the administrator. */
const ADMINISTRATOR_ID = '00000000-0000-7000-8000-000000000001';

/** Makes the demo administrator one, once. The rest of the profile comes with the event of the registration. */
export function seedDemoAdministrator(
  database: DataSource,
  { profiles, grants }: { readonly profiles: ProfileService; readonly grants: RoleGrantService },
): Promise<void> {
  return database.transaction(async (manager) => {
    await profiles.createProvisional(manager, ADMINISTRATOR_ID);
    await grants.grantAdministrator(manager, ADMINISTRATOR_ID);
  });
}

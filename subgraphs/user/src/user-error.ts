import { defineUserErrors } from '@orion/platform/errors';
import { apiKeyErrors } from './api-key/api-key.errors.js';
import { avatarErrors } from './avatar/avatar.errors.js';
import { exportErrors } from './export/export.errors.js';
import { permissionErrors } from './permission/permission.errors.js';
import { policyErrors } from './policy/policy.errors.js';
import { preferenceErrors } from './preference/preference.errors.js';
import { profileErrors } from './profile/profile.errors.js';
import { roleErrors } from './role/role.errors.js';
import { serviceAccountErrors } from './service-account/service-account.errors.js';
import { standingErrors } from './standing/standing.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({
  ...apiKeyErrors,
  ...avatarErrors,
  ...exportErrors,
  ...preferenceErrors,
  ...standingErrors,
  ...permissionErrors,
  ...policyErrors,
  ...profileErrors,
  ...roleErrors,
  ...serviceAccountErrors,
});
export type UserError = InstanceType<typeof UserError>;

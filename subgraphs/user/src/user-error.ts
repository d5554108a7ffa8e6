import { defineUserErrors } from '@orion/platform/errors';
import { profileErrors } from './profile/profile.errors.js';
import { roleErrors } from './role/role.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({ ...profileErrors, ...roleErrors });
export type UserError = InstanceType<typeof UserError>;

import { defineUserErrors } from '@orion/platform/errors';
import { loginErrors } from './login/login.errors.js';
import { registrationErrors } from './registration/registration.errors.js';
import { sessionErrors } from './session/session.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({ ...registrationErrors, ...loginErrors, ...sessionErrors });
export type UserError = InstanceType<typeof UserError>;

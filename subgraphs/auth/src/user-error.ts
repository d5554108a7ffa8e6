import { defineUserErrors } from '@orion/platform/errors';
import { registrationErrors } from './registration/registration.errors.js';
import { sessionErrors } from './session/session.errors.js';
import { signInErrors } from './sign-in/sign-in.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({ ...registrationErrors, ...signInErrors, ...sessionErrors });
export type UserError = InstanceType<typeof UserError>;

import { defineUserErrors } from '@orion/platform/errors';
import { personErrors } from './person/person.errors.js';
import { trackErrors } from './track/track.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({ ...personErrors, ...trackErrors });
export type UserError = InstanceType<typeof UserError>;

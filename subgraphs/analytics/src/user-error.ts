import { defineUserErrors } from '@orion/platform/errors';
import { trackErrors } from './track/track.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({ ...trackErrors });
export type UserError = InstanceType<typeof UserError>;

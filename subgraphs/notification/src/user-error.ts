import { defineUserErrors } from '@orion/platform/errors';
import { inboxErrors } from './inbox/inbox.errors.js';
import { sendingErrors } from './sending/sending.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({ ...sendingErrors, ...inboxErrors });
export type UserError = InstanceType<typeof UserError>;

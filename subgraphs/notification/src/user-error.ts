import { defineUserErrors } from '@orion/platform/errors';
import { deadLetterErrors } from './dead-letter/dead-letter.errors.js';
import { eventReplayErrors } from './event-replay/event-replay.errors.js';
import { inboxErrors } from './inbox/inbox.errors.js';
import { sendingErrors } from './sending/sending.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({
  ...sendingErrors,
  ...inboxErrors,
  ...deadLetterErrors,
  ...eventReplayErrors,
});
export type UserError = InstanceType<typeof UserError>;

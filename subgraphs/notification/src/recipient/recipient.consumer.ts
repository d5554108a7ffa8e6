import { userCreated, userDeleted, userUpdated } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import type { RecipientService } from './recipient.service.js';

/** Follows the profiles. Sign-up is followed by the welcome, which needs the person to be known first. */
export function recipientRoutes(recipients: RecipientService): EventRoute[] {
  return [
    on(userCreated, async ({ data }, manager) => void (await recipients.noteProfile(manager, data))),
    on(userUpdated, async ({ data }, manager) => void (await recipients.noteProfile(manager, data))),
    on(userDeleted, ({ data }, manager) => recipients.erase(manager, data.userId)),
  ];
}

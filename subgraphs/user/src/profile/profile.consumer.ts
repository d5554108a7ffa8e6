import { userRegistered } from '@orion/platform/event-contracts';
import { on, route } from '@orion/platform/events';
import type { EventHandler } from '@orion/platform/events';
import type { ProfileService } from './profile.service.js';

/** Gives every registration its profile, in the transaction that records the event as seen. */
export function handleAccountEvents(profiles: ProfileService): EventHandler {
  return route([
    on(userRegistered, ({ data, time }, manager) =>
      profiles.register(manager, {
        userId: data.userId,
        email: data.email,
        displayName: data.displayName,
        locale: data.locale,
        registeredAt: new Date(time),
      }),
    ),
  ]);
}

import { userEmailChanged, userRegistered } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { IsNull } from 'typeorm';
import type { ProfileService } from './profile.service.js';
import { User } from './user.entity.js';

/** Gives every registration its profile, and follows its address, in the transaction that records the event as seen. */
export function profileRoutes(profiles: ProfileService): EventRoute[] {
  return [
    on(userRegistered, ({ data, time }, manager) =>
      profiles.register(manager, {
        userId: data.userId,
        email: data.email,
        displayName: data.displayName,
        locale: data.locale,
        registeredAt: new Date(time),
      }),
    ),
    // Owned by auth: here is a copy, to be shown and searched.
    on(userEmailChanged, async ({ data: { userId, email } }, manager) => {
      await manager.update(User, { id: userId, deletedAt: IsNull() }, { email });
    }),
  ];
}

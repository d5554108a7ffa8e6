import { userDeleted, userReactivated, userSuspended, userUpdated } from '@orion/platform/event-contracts';
import type { EventEnvelope } from '@orion/platform/events';
import { createLiveChannel } from '@orion/platform/live';
import type { LiveChannel } from '@orion/platform/live';

/** Events after which somebody is not what they were. */
const CHANGES = [userUpdated, userSuspended, userReactivated, userDeleted];

/** Ids of people whose profile has changed, by id, as the bus tells of them. */
export type LiveProfiles = LiveChannel<string>;

export function createLiveProfiles(): LiveProfiles {
  return createLiveChannel<string>();
}

/** Hands what the bus tells on to those who listen here. Other events are passed over. */
export function followProfiles(profiles: LiveProfiles): (event: EventEnvelope) => void {
  return (event) => {
    const contract = CHANGES.find(({ type }) => type === event.type);
    if (contract === undefined) return;
    const { userId } = contract.schema.parse(event.data);
    profiles.publish(userId, userId);
  };
}

import { eventsReplayed } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { storableText } from '@orion/platform/json';

/** Notes what services answer to replays that were asked for here. */
export function eventReplayRoute(): EventRoute {
  return on(eventsReplayed, async ({ data }, manager) => {
    await manager.query(
      `UPDATE replay_requests SET service = $2, events = $3, error = $4, finished_at = $5
        WHERE id::text = $1 AND finished_at IS NULL`,
      [
        data.replayId,
        storableText(data.service),
        data.events,
        data.error === null ? null : storableText(data.error),
        data.finishedAt,
      ],
    );
  });
}

import type { DataSource } from 'typeorm';
import type { Logger } from '../log/index.js';
import { createProcessing } from './consuming/consumer.js';
import type { AlsoInTransaction } from './consuming/process-batch.js';
import type { EventHandler } from './consuming/route.js';
import type { RegisteredGroup } from './registered-group.js';
import { positionOf } from './replay/replay-queue.js';
import { startReplayRunner } from './replay/replay-runner.js';
import type { ReplayRunner } from './replay/replay-runner.js';
import { replayEvents } from './replay/replay.js';
import type { ReplayResult } from './replay/replay.js';
import { replayIntoShadow } from './replay/shadow-replay.js';
import type { ShadowReplayResult } from './replay/shadow-replay.js';
import type { LogPosition } from './transport/log-position.js';
import type { EventTransport } from './transport/transport.js';

/**
 * What to read again. Without `into` the group itself catches up on what it lacks: what took effect does not so again,
 * and events from before the inbox remembers (29 days) are left out. With `into` another group is filled, through its
 * own inbox and handler, to rebuild a projection.
 */
export interface GroupReplay {
  readonly group: string;
  readonly from: LogPosition;
  /** Patterns over names of events; those of the group hold as well. */
  readonly types?: readonly string[] | undefined;
  readonly into?: { readonly group: string; readonly handle: EventHandler } | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Replays of the groups of one process. */
export interface Replays {
  /** Rejects when the group is not registered here, and as `replayEvents` does. `dead` is of the shadow group. */
  replay(replay: GroupReplay): Promise<ReplayResult | ShadowReplayResult>;
  /** Begins to carry out those that were asked for over the bus. */
  start(): void;
  wake(): void;
  stop(): Promise<void>;
}

export function createReplays(options: {
  readonly service: string;
  readonly dataSource: DataSource;
  readonly transport: EventTransport;
  readonly logger: Logger;
  readonly groups: ReadonlyMap<string, RegisteredGroup>;
}): Replays {
  const { transport, groups } = options;
  let runner: ReplayRunner | undefined;

  function replayLive({ group, from, types, signal }: GroupReplay, also?: AlsoInTransaction): Promise<ReplayResult> {
    const registered = registeredOf(group);
    return replayEvents({
      processing: createProcessing(registered.options),
      transport,
      topics: registered.options.topics,
      from,
      types,
      kind: 'live',
      onParked: () => registered.consumer?.retryNow(),
      also,
      signal,
    });
  }

  function registeredOf(group: string): RegisteredGroup {
    const registered = groups.get(group);
    if (registered === undefined) throw new Error(`no consumer of group ${group} is registered here`);
    return registered;
  }

  return {
    async replay(replay) {
      const { group, from, types, into, signal } = replay;
      if (into === undefined) return replayLive(replay);
      if (groups.has(into.group)) throw new Error(`group ${into.group} consumes already: replay into one of its own`);
      const source = registeredOf(group).options;
      return replayIntoShadow({
        processing: createProcessing({ ...source, group: into.group, handle: into.handle }),
        transport,
        topics: source.topics,
        from,
        types,
        signal,
      });
    },
    start() {
      runner = startReplayRunner({
        ...options,
        groups: () => [...groups.keys()],
        run: ({ group, request }, { signal, also }) =>
          replayLive({ group, from: positionOf(request), types: request.types, signal }, also),
      });
    },
    wake: () => runner?.wake(),
    async stop() {
      await runner?.stop();
    },
  };
}

import { presentError } from '../security/present-error.js';
import type { Caller } from '../security/caller.js';
import { watchPermissions } from '../security/session-watch.js';
import type { Parts } from '../stage.js';
import { createEventSink } from './event-sink.js';
import type { Outlet } from './outlet.js';
import type { PreparedSubscription } from './prepared-subscription.js';
import { createSilentIterator } from './silent-iterator.js';
import { failureIn, StreamFailure } from './stream-failure.js';
import type { Subscriptions } from './subscriptions.js';
import { nextPrefix, writeNext } from './websocket-frame.js';

interface SocketSubscription {
  /** As the client named the operation. */
  readonly id: string;
  readonly caller: Caller;
  readonly outlet: Outlet;
  readonly subscriptions: Subscriptions;
  readonly parts: Parts;
  readonly onOverflow: () => void;
  /** The caller lost a permission with which it subscribed. */
  readonly onPermissionLost: () => void;
}

/**
 * Subscribes the client of a WebSocket. Events are written past the protocol's library; what it gets is an iterator
 * that is done, or throws a {@link StreamFailure}, when the last event is written.
 */
export function subscribeSocket(
  prepared: PreparedSubscription,
  { id, caller, outlet, subscriptions, parts, onOverflow, onPermissionLost }: SocketSubscription,
): AsyncGenerator<never, undefined, undefined> {
  const { settings, logger, metrics } = parts;
  const prefix = nextPrefix(id);
  const sink = createEventSink({
    outlet,
    write: (event) => writeNext(outlet, prefix, event),
    limit: settings.connections.queuedEvents,
    policy: settings.subscriptions.slowClients,
    onDropped: (count) => metrics.eventsDropped(count),
    onOverflow,
    onEnd: (failure) => {
      if (failure === undefined) operation.end();
      else operation.fail(failureIn(failure));
      end();
    },
  });
  const operation = createSilentIterator(() => {
    sink.discard();
    end();
  });
  const stopWatching = watchPermissions(caller, { ...parts, onLost: onPermissionLost });
  const end = (): void => {
    stopWatching();
    leave();
  };
  let leave: () => void = () => undefined;
  const opened = subscriptions.open(prepared, { caller, transport: 'websocket', sink });
  if (typeof opened === 'function') {
    leave = opened;
  } else {
    stopWatching();
    const policy = { production: settings.production, logger, requestId: caller.origin.requestId };
    operation.fail(new StreamFailure(opened.map((error) => presentError(error, policy))));
  }
  return operation.iterator;
}

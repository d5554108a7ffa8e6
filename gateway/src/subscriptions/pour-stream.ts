import { setMaxListeners } from 'node:events';
import type { GraphQLFormattedError } from 'graphql';
import type { Exchange, StreamOutput } from '../http/exchange.js';
import { presentError } from '../security/present-error.js';
import { watchPermissions, watchSession } from '../security/session-watch.js';
import type { SessionEnd } from '../security/session-watch.js';
import type { Parts } from '../stage.js';
import { createEventSink } from './event-sink.js';
import { createOutlet } from './outlet.js';
import type { PreparedSubscription } from './prepared-subscription.js';
import { sessionEndError } from './session-end-error.js';
import { createStreamEvent } from './stream-event.js';
import type { StreamEvent } from './stream-event.js';
import type { StreamFormat } from './stream-format.js';
import type { Subscriptions } from './subscriptions.js';

/** A client over HTTP that takes nothing for so many heartbeats is gone, whatever its connection says. */
const MISSED_HEARTBEATS = 3;

interface Pouring {
  readonly prepared: PreparedSubscription;
  readonly format: StreamFormat;
  readonly exchange: Exchange;
  readonly subscriptions: Subscriptions;
  readonly parts: Parts;
}

/** Subscribes the client of a response that stays open; resolves when nothing more is to be written. */
export function pourStream(output: StreamOutput, pouring: Pouring): Promise<void> {
  const { prepared, format, exchange, subscriptions, parts } = pouring;
  const { settings, metrics } = parts;
  return new Promise((resolve) => {
    let isOver = false;
    let missed = 0;
    const outlet = createOutlet(output.writable, () => !isOver && !output.gone.aborted);
    const write = (event: StreamEvent): void => outlet.write(event.bytes(format.next));
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      parts.stopping.removeEventListener('abort', cutShort);
      clearInterval(heartbeat);
      stopWatching();
      stopWatchingPermissions();
      leave();
      resolve();
    };
    const complete = (failure: StreamEvent | undefined): void => {
      if (failure !== undefined) write(failure);
      outlet.write(format.end);
      finish();
    };
    // There is no close code in HTTP: the broken connection is the message.
    const cutOff = (): void => {
      exchange.request.socket.destroy();
      finish();
    };
    /** A stream that the gateway's stop cuts short does not claim to be complete: the client comes back. */
    const cutShort = (): void => {
      sink.discard();
      finish();
    };
    const sink = createEventSink({
      outlet,
      write,
      limit: settings.connections.queuedEvents,
      policy: settings.subscriptions.slowClients,
      onDropped: (count) => metrics.eventsDropped(count),
      onOverflow: cutOff,
      onEnd: complete,
    });
    const end = (reason: SessionEnd): void => {
      sink.discard();
      // What waits is not for this client any more, and the reason would wait behind it.
      if (outlet.isCongested()) cutOff();
      else complete(errorEvent([sessionEndError(reason)], exchange, parts));
    };
    const stopWatching = watchSession(exchange.caller, { ...parts, onEnd: end });
    const stopWatchingPermissions = watchPermissions(exchange.caller, { ...parts, onLost: () => end('permissions') });
    const heartbeat = setInterval(() => {
      missed = outlet.isCongested() ? missed + 1 : 0;
      if (missed === 0) outlet.write(format.heartbeat);
      if (missed >= MISSED_HEARTBEATS) cutOff();
    }, settings.connections.heartbeatMs);
    let leave: () => void = () => undefined;

    output.writable.on('drain', () => (missed = 0));
    output.gone.addEventListener('abort', cutShort);
    // One for each open stream is no leak.
    setMaxListeners(0, parts.stopping);
    parts.stopping.addEventListener('abort', cutShort);
    if (output.gone.aborted || parts.stopping.aborted) return cutShort();
    outlet.write(format.start);
    const opened = subscriptions.open(prepared, { caller: exchange.caller, transport: format.name, sink });
    if (typeof opened === 'function') leave = opened;
    else complete(errorEvent(opened, exchange, parts));
  });
}

/** Errors as the client may see them. */
export function errorEvent(
  errors: readonly Error[],
  { requestId }: Exchange,
  { settings, logger }: Parts,
): StreamEvent {
  const policy = { production: settings.production, logger, requestId };
  const presented: readonly GraphQLFormattedError[] = errors.map((error) => presentError(error, policy));
  return createStreamEvent(JSON.stringify({ errors: presented }));
}

import { OperationTypeNode } from 'graphql';
import { Refusal } from '../http/refusal.js';
import type { Stage } from '../stage.js';

/** A subscription has more than one answer: over plain JSON its sender is told what it can use instead. */
export const requireStream: Stage = ({ operation }, { state }) => {
  const now = state();
  // Most documents do not have the word, and are not parsed a second time.
  if (operation?.query?.includes('subscription') !== true || now.phase !== 'ready') return undefined;
  const preparation = now.prepare(operation);
  if (!preparation.ok || preparation.prepared.operation.operation !== OperationTypeNode.SUBSCRIPTION) return undefined;
  throw new Refusal({
    status: 406,
    code: 'SUBSCRIPTION_NEEDS_STREAM',
    message:
      'A subscription needs a stream: use a WebSocket (graphql-transport-ws) at this path, or send ' +
      '`accept: text/event-stream` or `accept: multipart/mixed;subscriptionSpec=1.0`.',
  });
};

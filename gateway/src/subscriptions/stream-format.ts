import type { Encode } from './stream-event.js';

/** How results travel in one HTTP response that stays open. */
export interface StreamFormat {
  readonly name: 'sse' | 'multipart';
  readonly contentType: string;
  /** Sent at once, so that the client knows that the stream is open. */
  readonly start: Buffer;
  /** A result, of which `text` is the JSON. */
  readonly next: Encode;
  /** Keeps proxies from closing a quiet stream. */
  readonly heartbeat: Buffer;
  readonly end: Buffer;
}

/** Distinct connections mode: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md */
const SERVER_SENT_EVENTS: StreamFormat = {
  name: 'sse',
  contentType: 'text/event-stream; charset=utf-8',
  start: Buffer.from(':\n\n'),
  next: (text) => Buffer.from(`event: next\ndata: ${text}\n\n`),
  heartbeat: Buffer.from(':\n\n'),
  // The empty data is needed: an EventSource does not dispatch an event without it.
  end: Buffer.from('event: complete\ndata: \n\n'),
};

/** https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol */
const MULTIPART: StreamFormat = {
  name: 'multipart',
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  start: Buffer.from('\r\n--graphql'),
  next: (text) => part(`{"payload":${text}}`),
  heartbeat: part('{}'),
  end: Buffer.from('--\r\n'),
};

/** Each part ends with the delimiter of the next, so that a client can act on it at once. */
function part(body: string): Buffer {
  return Buffer.from(`\r\ncontent-type: application/json\r\n\r\n${body}\r\n--graphql`);
}

/** The format that the client asks for, if it asks for a stream at all. */
export function streamFormatOf(accept: string | undefined): StreamFormat | undefined {
  if (accept === undefined) return undefined;
  const types = accept.toLowerCase().split(',');
  if (types.some((type) => /^\s*text\/event-stream\s*(;|$)/.test(type))) return SERVER_SENT_EVENTS;
  if (types.some((type) => /^\s*multipart\/mixed\s*;/.test(type) && /subscriptionspec="?1\.0"?/.test(type)))
    return MULTIPART;
  return undefined;
}

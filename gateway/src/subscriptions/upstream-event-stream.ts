import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@orion/platform/log';
import { Agent, request } from 'undici';
import type { SubgraphAddress, SubgraphErrorJson } from '../execution/subgraph-call.js';
import { createEventStreamParser } from './event-stream-parser.js';
import { isFinalStatus, RECONNECT_ATTEMPTS, waitBefore } from './reconnect.js';
import { eventInText, refusalIn } from './upstream-answer.js';
import { trustedAuthorities } from './upstream-authorities.js';
import { upstreamHeaders } from './upstream-headers.js';
import type { UpstreamRequest, Upstreams, UpstreamSink } from './upstreams.js';

const CONNECT_TIMEOUT_MS = 5_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** A quiet peer that is gone is found out by the system: events may be rare, and heartbeats are no duty. */
const TCP_KEEPALIVE_MS = 15_000;
const STABLE_MS = 5_000;
const EVENT_LIMIT = 64 * 1024 * 1024;
const REFUSAL_LIMIT = 64 * 1024;

/** What cannot be helped by another try. */
class StreamRefused extends Error {
  constructor(readonly errors: readonly SubgraphErrorJson[]) {
    super(errors[0]?.message ?? 'refused');
  }
}

/**
 * Streams over server-sent events in distinct connections mode, one request each:
 * https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
export function createEventStreamUpstreams({
  contextSecret,
  certificateAuthorities,
  logger,
}: {
  readonly contextSecret: string | undefined;
  readonly certificateAuthorities: string | undefined;
  readonly logger: Logger;
}): Upstreams {
  const agent = new Agent({
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEPALIVE_MS,
      ...trustedAuthorities(certificateAuthorities),
    },
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: 0,
  });
  const running = new Set<AbortController>();

  const connect = async ({ subgraph, operation, caller }: UpstreamRequest, signal: AbortSignal) => {
    const body = JSON.stringify(operation);
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-request-id': caller.origin.requestId,
      ...(await upstreamHeaders(caller, { secret: contextSecret, subgraph: subgraph.name, body })),
    };
    if (caller.traceparent !== undefined) headers['traceparent'] = caller.traceparent;
    const response = await request(subgraph.url, { method: 'POST', headers, body, dispatcher: agent, signal });
    const type = String(response.headers['content-type'] ?? '');
    if (response.statusCode === 200 && type.startsWith('text/event-stream')) return response.body;
    const text = await readSome(response.body);
    if (response.statusCode >= 500 || (response.statusCode >= 400 && !isFinalStatus(response.statusCode)))
      throw new Error(`HTTP ${response.statusCode}`);
    throw new StreamRefused(errorsOf(text, subgraph) ?? [refusal(subgraph, response.statusCode, type)]);
  };

  const follow = async (opening: UpstreamRequest, sink: UpstreamSink, signal: AbortSignal): Promise<void> => {
    let wasOpen = false;
    let isLost = false;
    for (let attempt = 0; ; attempt += 1) {
      let openedAt = Infinity;
      try {
        const body = await connect(opening, signal);
        if (signal.aborted) return;
        if (isLost) sink.resumed();
        isLost = false;
        wasOpen = true;
        openedAt = performance.now();
        if (await readEvents(body, opening.subgraph, sink)) return sink.completed();
        throw new Error('the stream ended before it was complete');
      } catch (error) {
        if (signal.aborted) return;
        const { subgraph } = opening;
        logger.warn({ err: error, subgraph: subgraph.name, url: subgraph.url }, 'event stream of a subgraph is lost');
        if (error instanceof StreamRefused) return sink.failed(error.errors);
        // One that held is tried for as long as ever; one that breaks at once is not tried for ever.
        if (performance.now() - openedAt > STABLE_MS) attempt = 0;
        if (attempt >= RECONNECT_ATTEMPTS) return sink.failed([loss(subgraph, error)]);
        if (wasOpen && !isLost) sink.lost();
        isLost = wasOpen;
        await wait(waitBefore(attempt), undefined, { ref: false });
        if (signal.aborted) return;
      }
    }
  };

  return {
    open: (opening, sink) => {
      const ending = new AbortController();
      running.add(ending);
      const { subgraph } = opening;
      follow(opening, sink, ending.signal)
        .finally(() => running.delete(ending))
        .catch((error: unknown) => {
          logger.error({ err: error, subgraph: subgraph.name }, 'following an event stream failed');
          if (!ending.signal.aborted) sink.failed([loss(subgraph, error)]);
        })
        .catch((error: unknown) =>
          logger.error({ err: error, subgraph: subgraph.name }, 'the end of an event stream could not be told'),
        );
      return () => ending.abort();
    },
    close: () => {
      for (const ending of running) ending.abort();
      agent.destroy().catch((error: unknown) => logger.debug({ err: error }, 'event streams did not close cleanly'));
    },
  };
}

/** True when the stream was completed, false when it only ended. */
async function readEvents(
  body: AsyncIterable<Uint8Array>,
  subgraph: SubgraphAddress,
  sink: UpstreamSink,
): Promise<boolean> {
  const parser = createEventStreamParser(EVENT_LIMIT);
  for await (const chunk of body) {
    for (const { type, data } of parser.push(chunk)) {
      if (type === 'complete') return true;
      if (type === 'next') sink.event(eventInText(data, subgraph));
    }
  }
  return false;
}

async function readSome(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > REFUSAL_LIMIT) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A subgraph that does not even begin says why in plain JSON. */
function errorsOf(text: string, subgraph: SubgraphAddress): readonly SubgraphErrorJson[] | undefined {
  try {
    const { errors } = JSON.parse(text) as { readonly errors?: unknown };
    return Array.isArray(errors) && errors.length > 0 ? refusalIn(errors, subgraph) : undefined;
  } catch {
    // What is no JSON is told by its status.
    return undefined;
  }
}

function refusal({ name, url }: SubgraphAddress, status: number, type: string): SubgraphErrorJson {
  return {
    message: `The subgraph "${name}" answers a subscription at ${url} with HTTP ${status} and "${type}" instead of an event stream.`,
    extensions: { code: 'SUBREQUEST_HTTP_ERROR', serviceName: name },
  };
}

function loss({ name }: SubgraphAddress, error: unknown): SubgraphErrorJson {
  const { message, code } = error as { readonly message?: string; readonly code?: string };
  const reason = message !== undefined && message !== '' ? message : (code ?? 'the connection broke');
  return {
    message: `The event stream of the subgraph "${name}" was lost: ${reason}.`,
    extensions: { code: 'SUBREQUEST_HTTP_ERROR', serviceName: name },
  };
}

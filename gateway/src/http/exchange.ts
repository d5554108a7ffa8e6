import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { anonymousCaller } from '../security/caller.js';
import type { Caller } from '../security/caller.js';

/** A GraphQL request as GraphQL-over-HTTP and graphql-transport-ws both shape it. */
export interface OperationRequest {
  readonly query?: string;
  /** Names a persisted document instead (GraphQL over HTTP, appendix Persisted Documents). */
  readonly documentId?: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** One HTTP request on its way through the stages; each stage adds what it finds out. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly path: string;
  /** Query string with its question mark, or empty. */
  readonly search: string;
  /** Client headers by lower-case name; repeated ones joined. */
  readonly headers: Map<string, string>;
  /** Headers that every reply to this request carries. */
  readonly replyHeaders: Map<string, string>;
  requestId: string;
  caller: Caller;
  /** Parsed by the body stage, of a GET from its query string; null before. */
  operation: OperationRequest | null;
  /** What was executed, once that is known; for who watches. */
  ran: RanOperation | null;
}

/** An operation as far as logs may name it. */
export interface RanOperation {
  readonly type: string;
  readonly name: string | undefined;
}

/** An open reply: text is sent as it comes, at the client's pace. */
export interface StreamOutput {
  /** Resolves when the client's connection takes more, or is gone. */
  write(chunk: string | Buffer): Promise<void>;
  /** The connection itself, for who looks after the client's pace on its own. */
  readonly writable: Writable;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
}

/** What ends an exchange. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A function writes the body itself; the reply ends when it resolves. */
  readonly body: string | Buffer | ((output: StreamOutput) => Promise<void>) | null;
}

const NOBODY = anonymousCaller({ requestId: '', clientIp: null, userAgent: null });

/** A new exchange, anonymous and unnamed until its first stages have run. */
export function openExchange(request: IncomingMessage): Exchange {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    request,
    method: request.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    search: mark === -1 ? '' : target.slice(mark),
    headers: headersOf(request),
    replyHeaders: new Map(),
    requestId: '',
    caller: NOBODY,
    operation: null,
    ran: null,
  };
}

function headersOf(request: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

/** A JSON reply. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: `${JSON.stringify(value)}\n`,
  };
}

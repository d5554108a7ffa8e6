import type { Dispatcher } from 'undici';
import { Expiring } from './deadlines.js';
import type { Deadlines } from './deadlines.js';
import { TransportFailure } from './transport-failure.js';

/** An HTTP response as it came, read to its end. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface ExchangeRequest {
  readonly dispatcher: Dispatcher;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string;
  /** `performance.now()` at which it is given up. */
  readonly deadline: number;
  /** Longest answer. */
  readonly limitBytes: number;
}

/** One request and its response. */
export interface Exchange {
  /** Rejects with {@link TransportFailure}. */
  readonly answer: Promise<RawAnswer>;
  /** Nobody wants the answer any more: the connection is dropped. */
  cancel(): void;
}

/** Posts, without following redirects. The answer's bytes are counted as they come, so that none fills the memory. */
export function post(request: ExchangeRequest, deadlines: Deadlines): Exchange {
  return new PostExchange(request, deadlines);
}

const NOTHING = Buffer.alloc(0);
/** A header that cannot be sent, and a gateway that is stopping. */
const UNSENT = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);

class PostExchange extends Expiring implements Exchange, Dispatcher.DispatchHandler {
  readonly answer: Promise<RawAnswer>;
  private readonly limitBytes: number;
  private readonly deadlines: Deadlines;
  private settle: ((answer: RawAnswer) => void) | undefined;
  private fail: ((failure: TransportFailure) => void) | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private headers: RawAnswer['headers'] = {};
  private first: Buffer | undefined;
  private rest: Buffer[] | undefined;
  private size = 0;
  private isOver = false;

  constructor({ dispatcher, path, headers, body, deadline, limitBytes }: ExchangeRequest, deadlines: Deadlines) {
    super(deadline);
    this.limitBytes = limitBytes;
    this.deadlines = deadlines;
    this.answer = new Promise((resolve, reject) => {
      this.settle = resolve;
      this.fail = reject;
    });
    deadlines.add(this);
    // Idempotence is not undici's business here: it resends nothing that has been written.
    dispatcher.dispatch({ path, method: 'POST', headers, body }, this);
  }

  expire(): void {
    this.end(new TransportFailure('SUBREQUEST_TIMEOUT', 'it did not answer in time'));
  }

  cancel(): void {
    this.end(new TransportFailure('SUBREQUEST_TIMEOUT', 'nobody waits for the answer any more'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection: a throw here leaves the connection to the next, an abort would close it.
    if (this.isOver) throw new Error('given up before it was sent');
    this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawAnswer['headers']): void {
    this.status = status;
    this.headers = headers;
    const announced = headers['content-length'];
    if (announced !== undefined && Number(announced) > this.limitBytes) this.end(tooLarge(this.limitBytes));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver) return;
    this.size += chunk.length;
    if (this.size > this.limitBytes) {
      this.end(tooLarge(this.limitBytes));
    } else if (this.first === undefined) {
      this.first = chunk;
    } else {
      (this.rest ??= [this.first]).push(chunk);
    }
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.deadlines.remove(this);
    const body = this.rest === undefined ? (this.first ?? NOTHING) : Buffer.concat(this.rest, this.size);
    this.settle?.({ status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error & { readonly code?: string }): void {
    // Both families of an address refusing make an AggregateError with an empty message.
    const reason = error.message || error.code || error.name;
    const isUnsent = error.code !== undefined && UNSENT.has(error.code);
    this.end(new TransportFailure('SUBREQUEST_HTTP_ERROR', reason, { cause: error, isUnsent }));
  }

  /** Ends without an answer; the first reason counts. What has come of the answer is let go at once. */
  private end(failure: TransportFailure): void {
    if (this.isOver) return;
    this.isOver = true;
    this.deadlines.remove(this);
    this.first = undefined;
    this.rest = undefined;
    this.fail?.(failure);
    this.controller?.abort(failure);
  }
}

function tooLarge(limitBytes: number): TransportFailure {
  return new TransportFailure('SUBREQUEST_TOO_LARGE', `its answer is longer than ${limitBytes} bytes`);
}

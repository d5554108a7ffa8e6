import { setTimeout as wait } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { Metrics } from '../../observability/metrics.js';
import type { SubgraphCall } from '../subgraph-call.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import type { Deadlines } from './deadlines.js';
import { post } from './exchange.js';
import type { Exchange, RawAnswer } from './exchange.js';
import type { Flight } from './flights.js';
import { readAnswer } from './read-answer.js';
import type { AnswerText } from './read-answer.js';
import { plainHeaders, signHeaders } from './request-headers.js';
import { backoffMs, isUnavailable, retryAfterOf } from './retries.js';
import type { RetryBudget } from './retries.js';
import { TransportFailure } from './transport-failure.js';

/** A subgraph as deliveries see it. */
export interface Recipient {
  readonly dispatcher: Dispatcher;
  readonly path: string;
  readonly breaker: CircuitBreaker;
  readonly budget: RetryBudget;
  readonly deadlines: Deadlines;
  readonly metrics: Metrics;
  /** Signs who is calling; undefined for subgraphs that are not to be told. */
  readonly contextSecret: string | undefined;
  readonly timeoutMs: number;
  /** Most retries of a query. */
  readonly retries: number;
  /** Longest answer. */
  readonly answerBytes: number;
}

/** A subgraph reports with it what a fetch cost, and the gateway what the whole operation did: for whoever hunts an N+1. */
export const STATEMENTS_HEADER = 'x-orion-sql-statements';

/** A timeout shorter than this says more about the caller's hurry than about the subgraph. */
const TELLING_TIMEOUT_MS = 1_000;

/** Brings a call to its subgraph, again when it is a query and another attempt may help. */
export class Delivery implements Flight<AnswerText> {
  readonly answer: Promise<AnswerText>;
  private exchange: Exchange | undefined;
  private isCancelled = false;

  constructor(
    private readonly call: SubgraphCall,
    readonly deadline: number,
    private readonly recipient: Recipient,
  ) {
    recipient.budget.earn();
    this.answer = this.run();
  }

  cancel(): void {
    this.isCancelled = true;
    this.exchange?.cancel();
  }

  private async run(): Promise<AnswerText> {
    const { breaker, metrics } = this.recipient;
    let last: RawAnswer | TransportFailure | undefined;
    for (let retry = 1; ; retry += 1) {
      const ticket = breaker.admit();
      if (ticket === undefined) {
        metrics.subgraphCall({ subgraph: this.call.subgraph.name, outcome: 'rejected', seconds: 0 });
        return textOf(last ?? circuitOpen(breaker));
      }
      last = await this.attempt(ticket);
      const pause = this.pauseBefore(retry, last);
      if (pause === undefined) return textOf(last);
      await wait(pause, undefined, { ref: false });
    }
  }

  private async attempt(ticket: number): Promise<RawAnswer | TransportFailure> {
    const { call, recipient } = this;
    const startedAt = performance.now();
    const span = call.caller.span?.startFetch(call.subgraph);
    let result: RawAnswer | TransportFailure;
    try {
      const { dispatcher, path, contextSecret, answerBytes: limitBytes, deadlines } = recipient;
      const headers = plainHeaders(call, span?.traceparent ?? call.caller.traceparent);
      if (contextSecret !== undefined) await signHeaders(headers, call, contextSecret);
      if (this.isCancelled) throw new Error('cancelled');
      const { body } = call;
      this.exchange = post({ dispatcher, path, headers, body, deadline: this.deadline, limitBytes }, deadlines);
      result = await this.exchange.answer;
    } catch (error) {
      result = error instanceof TransportFailure ? error : unsent(error);
    }
    const milliseconds = performance.now() - startedAt;
    const verdict = this.judge(result, milliseconds);
    recipient.breaker.record(ticket, verdict);
    recipient.metrics.subgraphCall({
      subgraph: call.subgraph.name,
      outcome: result instanceof TransportFailure ? outcomeOf(result) : verdict === 'failed' ? 'failed' : 'ok',
      seconds: milliseconds / 1_000,
    });
    span?.end(result instanceof TransportFailure ? { error: result.code } : { status: result.status });
    return result;
  }

  /** What an attempt says about the subgraph's health. Errors in GraphQL and answers of any size are a client's doing. */
  private judge(result: RawAnswer | TransportFailure, milliseconds: number): 'answered' | 'failed' | 'unknown' {
    if (!(result instanceof TransportFailure)) {
      return result.status < 500 || (!isUnavailable(result.status) && isGraphql(result)) ? 'answered' : 'failed';
    }
    if (this.isCancelled || result.isUnsent) return 'unknown';
    if (result.code === 'SUBREQUEST_TOO_LARGE') return 'answered';
    const isTelling = milliseconds >= Math.min(this.recipient.timeoutMs / 2, TELLING_TIMEOUT_MS);
    return result.code === 'SUBREQUEST_TIMEOUT' && !isTelling ? 'unknown' : 'failed';
  }

  /** Milliseconds to wait before another attempt; undefined when there is to be none. */
  private pauseBefore(retry: number, result: RawAnswer | TransportFailure): number | undefined {
    const { retries, budget } = this.recipient;
    if (this.call.kind !== 'query' || retry > retries || this.isCancelled) return undefined;
    let pause = backoffMs(retry);
    if (result instanceof TransportFailure) {
      if (result.code !== 'SUBREQUEST_HTTP_ERROR' || result.isUnsent) return undefined;
    } else {
      if (!isUnavailable(result.status)) return undefined;
      pause = Math.max(pause, (retryAfterOf(result) ?? 0) * 1_000);
    }
    return performance.now() + pause < this.deadline && budget.spend() ? pause : undefined;
  }
}

function textOf(result: RawAnswer | TransportFailure): AnswerText {
  if (result instanceof TransportFailure) throw result;
  const statements = Number(result.headers[STATEMENTS_HEADER]);
  return {
    status: result.status,
    text: result.body.toString('utf8'),
    sqlStatements: Number.isNaN(statements) ? undefined : statements,
  };
}

function circuitOpen(breaker: CircuitBreaker): TransportFailure {
  return new TransportFailure('SUBREQUEST_CIRCUIT_OPEN', 'it has failed too often and is left alone for a while', {
    retryAfterSeconds: breaker.retryAfterSeconds(),
  });
}

function unsent(error: unknown): TransportFailure {
  const reason = error instanceof Error ? error.message : String(error);
  return new TransportFailure('SUBREQUEST_HTTP_ERROR', reason, { cause: error, isUnsent: true });
}

function outcomeOf({ code }: TransportFailure): 'timeout' | 'failed' {
  return code === 'SUBREQUEST_TIMEOUT' ? 'timeout' : 'failed';
}

function isGraphql({ status, body }: RawAnswer): boolean {
  try {
    readAnswer({ status, text: body.toString('utf8') });
    return true;
  } catch (error) {
    if (error instanceof TransportFailure) return false;
    throw error;
  }
}

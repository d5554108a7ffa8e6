import type { FormattedExecutionResult } from 'graphql';
import { getOperationAST, GraphQLError, OperationTypeNode, parse } from 'graphql';
import type { Logger } from '@orion/platform/log';
import type { Exchange, OperationRequest, RanOperation, Reply } from '../http/exchange.js';
import { acceptedMediaType } from '../http/media-type.js';
import type { MediaType } from '../http/media-type.js';
import { mutationOverGet } from '../http/mutation-over-get.js';
import { Refusal } from '../http/refusal.js';
import type { Metrics } from '../observability/metrics.js';
import type { PreparedOperation, PrepareOperation } from '../planning/prepared-operation.js';
import { identityOf } from '../security/caller.js';
import type { Caller } from '../security/caller.js';
import { presentError } from '../security/present-error.js';
import type { Settings } from '../settings.js';
import type { Executable, Outcome } from './executable.js';
import { asksForPlan, withPlan } from './explain-plan.js';
import type { Operations } from './operations.js';
import { createSharedAnswers } from './shared-answers.js';
import { STATEMENTS_HEADER } from './subgraph-client.js';

export interface OperationsOptions {
  readonly prepare: PrepareOperation;
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** An answer that is ready to be sent; equal queries under way share it. */
interface ReadyAnswer {
  readonly status: number;
  /** Short text is sent as it is; bytes are encoded once, however many wait for them. */
  readonly body: string | Buffer;
  readonly statements: string | undefined;
  readonly ran: RanOperation | null;
}

export function createOperations({ prepare, settings, metrics, logger }: OperationsOptions): Operations {
  const { production, requestTimeoutMs } = settings;
  const shared = createSharedAnswers<ReadyAnswer>(metrics);

  const present = (errors: readonly Error[], requestId: string) =>
    errors.map((error) => presentError(error, { production, logger, requestId }));

  const run = async ({ executable, request }: PreparedOperation, caller: Caller): Promise<Outcome> => {
    if (executable.kind === 'subscription') throw needsStream();
    const startedAt = performance.now();
    const span = caller.span?.start('execute');
    let hasErrors = true;
    try {
      const outcome = await executable.execute({
        caller: span === undefined ? caller : { ...caller, span, traceparent: span.traceparent },
        variables: request.variables ?? NO_VARIABLES,
        deadline: startedAt + requestTimeoutMs,
      });
      hasErrors = outcome.hasErrors;
      return outcome;
    } finally {
      span?.end();
      // Who has changed something and asks what there is now must not be told what there was.
      if (executable.kind === 'mutation') shared.clear();
      metrics.operation({ type: executable.kind, hasErrors, seconds: (performance.now() - startedAt) / 1_000 });
    }
  };

  const answerOnce = async (exchange: Exchange, mediaType: MediaType): Promise<ReadyAnswer> => {
    const request = exchange.operation ?? {};
    const preparation = await prepare(request, exchange.caller);
    if (!preparation.ok) {
      if (exchange.method === 'GET' && isMutation(request)) throw mutationOverGet();
      const body = JSON.stringify({ errors: present(preparation.errors, exchange.requestId) });
      // A client of the old type takes a status other than 200 for a fault on the way.
      return { status: mediaType === 'application/json' ? 200 : 400, body, statements: undefined, ran: null };
    }
    const { prepared } = preparation;
    if (exchange.method === 'GET') requireQuery(prepared.executable);
    const outcome = await run(prepared, exchange.caller);
    const { executable, name } = prepared;
    const isExplained = executable.kind !== 'subscription' && asksForPlan(exchange);
    const text = isExplained ? withPlan(outcome.text, executable) : outcome.text;
    const ran = { type: executable.kind, name };
    return { status: 200, body: toBody(text), statements: reportStatements(outcome), ran };
  };

  return {
    answer: async (exchange) => {
      const mediaType = acceptedMediaType(exchange.headers.get('accept'));
      if (mediaType === undefined) throw notAcceptable();
      requireOperation(exchange.operation);
      const isShared = settings.dedup.operation && mayBeShared(exchange.operation) && !asksForPlan(exchange);
      const { status, body, statements, ran } = isShared
        ? await shared.get(keyOf(exchange, mediaType), () => answerOnce(exchange, mediaType))
        : await answerOnce(exchange, mediaType);
      exchange.ran = ran;
      // An operation that joined an equal one was not prepared by itself.
      if (ran !== null) exchange.caller.span?.nameOperation(ran.type, ran.name);
      const type = `${mediaType}; charset=utf-8`;
      return {
        status,
        headers:
          statements === undefined
            ? { 'content-type': type }
            : { 'content-type': type, [STATEMENTS_HEADER]: statements },
        body,
      } satisfies Reply;
    },
    execute: async (request, caller) => {
      const preparation = await prepare(request, caller);
      if (!preparation.ok) return { errors: present(preparation.errors, caller.origin.requestId) };
      const { text } = await run(preparation.prepared, caller);
      return JSON.parse(text) as FormattedExecutionResult;
    },
  };
}

const NO_VARIABLES: Readonly<Record<string, unknown>> = {};

const LONGEST_TEXT = 8 * 1024;

function toBody(text: string): string | Buffer {
  return text.length > LONGEST_TEXT ? Buffer.from(text) : text;
}

/** A mutation is never shared: twice asked is twice done. Documents that only mention the word are not shared either. */
function mayBeShared(operation: OperationRequest | null): boolean {
  return operation?.query?.includes(OperationTypeNode.MUTATION) === false;
}

/** Everything that makes a difference to the answer: what is asked, by whom, and what subgraphs are told of the caller. */
function keyOf({ operation, caller, method }: Exchange, mediaType: MediaType): string {
  const { clientIp, userAgent } = caller.origin;
  return JSON.stringify([
    method,
    mediaType,
    identityOf(caller),
    clientIp,
    userAgent,
    operation?.query,
    operation?.operationName,
    operation?.variables,
    operation?.extensions,
  ]);
}

function requireOperation(operation: OperationRequest | null): void {
  if (operation?.query === undefined || operation.query.trim() === '') {
    throw new Refusal({ status: 400, code: 'BAD_REQUEST', message: '`query` is missing or empty.' });
  }
}

/** Whether the document, valid or not, means to change something. */
function isMutation({ query = '', operationName }: OperationRequest): boolean {
  if (mayBeShared({ query })) return false;
  try {
    return getOperationAST(parse(query), operationName)?.operation === OperationTypeNode.MUTATION;
  } catch (error) {
    if (error instanceof GraphQLError) return false;
    throw error;
  }
}

/** A link must not change anything. */
function requireQuery({ kind }: Executable): void {
  if (kind === 'mutation') throw mutationOverGet();
}

function notAcceptable(): Refusal {
  return new Refusal({
    status: 406,
    code: 'NOT_ACCEPTABLE',
    message: 'Accept `application/graphql-response+json` or `application/json`; for subscriptions `text/event-stream`.',
  });
}

function needsStream(): Refusal {
  return new Refusal({
    status: 406,
    code: 'SUBSCRIPTION_NEEDS_STREAM',
    message:
      'A subscription needs a stream: use a WebSocket (graphql-transport-ws) at this path, or send ' +
      '`accept: text/event-stream` or `accept: multipart/mixed;subscriptionSpec=1.0`.',
  });
}

/** `auth=1, user=2`; nothing when no subgraph told, as in production. */
function reportStatements({ sqlStatements }: Outcome): string | undefined {
  if (sqlStatements === undefined) return undefined;
  return [...sqlStatements].map(([name, count]) => `${name}=${count}`).join(', ');
}

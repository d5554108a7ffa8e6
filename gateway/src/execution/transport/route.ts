import type { Logger } from '@orion/platform/log';
import type { SubgraphAddress, SubgraphAnswer, SubgraphCall } from '../subgraph-call.js';
import { createCircuitBreaker, NO_BREAKER } from './circuit-breaker.js';
import type { CircuitLimits, CircuitState } from './circuit-breaker.js';
import { Delivery } from './delivery.js';
import type { Recipient } from './delivery.js';
import { createFlights, flightKey } from './flights.js';
import type { Pools } from './pools.js';
import { readAnswer } from './read-answer.js';
import type { AnswerText } from './read-answer.js';
import { createRetryBudget } from './retries.js';
import { subrequestError, TransportFailure } from './transport-failure.js';

/** The way to one subgraph, with what is known of its health and what is under way to it. */
export interface Route {
  /** Rejects with a GraphQLError that names the subgraph. */
  send(call: SubgraphCall): Promise<SubgraphAnswer>;
}

/** What all routes share. */
export interface RouteOptions extends Omit<Recipient, 'dispatcher' | 'path' | 'breaker' | 'budget'> {
  readonly pools: Pools;
  readonly circuitBreaker: CircuitLimits | undefined;
  /** Equal queries of one identity that are under way at one time are sent once. */
  readonly dedup: boolean;
  readonly logger: Logger;
}

/** Throws {@link TransportFailure} for an address that cannot be asked. */
export function createRoute(address: SubgraphAddress, options: RouteOptions): Route {
  const { deadlines, metrics, logger, dedup, timeoutMs, contextSecret } = options;
  const recipient: Recipient = {
    ...options,
    ...targetOf(address, options.pools),
    budget: createRetryBudget(),
    breaker:
      options.circuitBreaker === undefined
        ? NO_BREAKER
        : createCircuitBreaker(options.circuitBreaker, (state) => reportCircuit(state, address, logger)),
  };
  const flights = createFlights<AnswerText>(deadlines);

  const mutate = async (call: SubgraphCall, deadline: number): Promise<AnswerText> => {
    try {
      return await new Delivery(call, deadline, recipient).answer;
    } finally {
      flights.close();
    }
  };

  const ask = async (call: SubgraphCall): Promise<SubgraphAnswer> => {
    const now = performance.now();
    if (call.deadline <= now) throw new TransportFailure('SUBREQUEST_TIMEOUT', 'no time was left to ask it');
    const latest = now + timeoutMs;
    const deadline = Math.min(latest, call.deadline);
    if (call.kind === 'mutation') return ownAnswer(await mutate(call, deadline));
    if (!dedup) return ownAnswer(await new Delivery(call, deadline, recipient).answer);
    const { isJoined, answer } = flights.board(flightKey(call, contextSecret !== undefined), call.deadline, () => {
      return new Delivery(call, latest, recipient);
    });
    metrics.deduplicated('subgraph', isJoined);
    // The statements were run once, for the call that was sent.
    const received = await answer;
    if (call.isOwned === true) return isJoined ? readAnswer(received) : ownAnswer(received);
    // Who changes nothing shares what was parsed: fifty that wait for one answer hold one.
    const shared = (received.shared ??= readAnswer(received));
    return isJoined || received.sqlStatements === undefined
      ? shared
      : { ...shared, sqlStatements: received.sqlStatements };
  };

  return {
    send: async (call) => {
      try {
        return await ask(call);
      } catch (error) {
        if (!(error instanceof TransportFailure)) throw error;
        report(error, { call, logger });
        throw subrequestError(address.name, error);
      }
    },
  };
}

function targetOf({ url }: SubgraphAddress, pools: Pools): Pick<Recipient, 'dispatcher' | 'path'> {
  try {
    const { origin, pathname, search } = new URL(url);
    return { dispatcher: pools.of(origin), path: `${pathname}${search}` };
  } catch (error) {
    throw new TransportFailure('SUBREQUEST_HTTP_ERROR', `"${url}" is no http or https address`, { cause: error });
  }
}

function ownAnswer(received: AnswerText): SubgraphAnswer {
  const answer = readAnswer(received);
  return received.sqlStatements === undefined ? answer : { ...answer, sqlStatements: received.sqlStatements };
}

function report(
  failure: TransportFailure,
  { call, logger }: { readonly call: SubgraphCall; readonly logger: Logger },
): void {
  const { name, url } = call.subgraph;
  const details = { err: failure, subgraph: name, url, requestId: call.caller.origin.requestId };
  // That the circuit is open was said when it opened; every call that meets it would say it again.
  if (failure.code === 'SUBREQUEST_CIRCUIT_OPEN') logger.debug(details, 'a subgraph was not asked');
  else logger.warn(details, 'a subgraph request failed');
}

function reportCircuit(state: CircuitState, { name, url }: SubgraphAddress, logger: Logger): void {
  const details = { subgraph: name, url };
  if (state === 'open') logger.error(details, 'a subgraph keeps failing: it is left alone for a while');
  else if (state === 'closed') logger.info(details, 'a subgraph answers again');
}

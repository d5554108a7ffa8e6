import type { SubgraphCall } from '../subgraph-call.js';
import { identityOf } from '../../security/caller.js';
import type { Caller } from '../../security/caller.js';
import { Expiring } from './deadlines.js';
import type { Deadlines } from './deadlines.js';
import { TransportFailure } from './transport-failure.js';

/** A request under way that several may wait for. */
export interface Flight<Answer> {
  readonly answer: Promise<Answer>;
  /** `performance.now()` at which it ends by itself. */
  readonly deadline: number;
  cancel(): void;
}

/** Requests under way to one subgraph, by what makes two of them equal. */
export interface Flights<Answer> {
  /** Waits for the equal flight that is under way, or for the one that `start` begins. */
  board(
    key: string,
    deadline: number,
    start: () => Flight<Answer>,
  ): { readonly isJoined: boolean; readonly answer: Promise<Answer> };
  /** What is under way may have read what has just been changed: it is finished for those who wait, and joined by nobody. */
  close(): void;
}

interface Seats<Answer> {
  readonly flight: Flight<Answer>;
  waiting: number;
}

export function createFlights<Answer>(deadlines: Deadlines): Flights<Answer> {
  const open = new Map<string, Seats<Answer>>();

  const leave = (key: string, seats: Seats<Answer>): void => {
    if (open.get(key) === seats) open.delete(key);
  };

  return {
    board: (key, deadline, start) => {
      const running = open.get(key);
      const seats = running ?? { flight: start(), waiting: 0 };
      if (running === undefined) {
        open.set(key, seats);
        const forget = (): void => leave(key, seats);
        seats.flight.answer.then(forget, forget);
      }
      seats.waiting += 1;
      const { flight } = seats;
      // Who has at least as much time as the flight needs no clock of its own.
      if (deadline >= flight.deadline) return { isJoined: running !== undefined, answer: flight.answer };
      const giveUp = (): void => {
        seats.waiting -= 1;
        if (seats.waiting > 0) return;
        leave(key, seats);
        flight.cancel();
      };
      return { isJoined: running !== undefined, answer: new Wait({ flight, deadline, giveUp }, deadlines).answer };
    },
    close: () => open.clear(),
  };
}

/** Somebody who waits for a flight shorter than it may take: their giving up ends it only when nobody else waits. */
class Wait<Answer> extends Expiring {
  readonly answer: Promise<Answer>;
  private reject: ((failure: TransportFailure) => void) | undefined;
  private readonly giveUp: () => void;

  constructor(
    {
      flight,
      deadline,
      giveUp,
    }: { readonly flight: Flight<Answer>; readonly deadline: number; readonly giveUp: () => void },
    deadlines: Deadlines,
  ) {
    super(deadline);
    this.giveUp = giveUp;
    this.answer = new Promise((resolve, reject) => {
      this.reject = reject;
      const unwatch = (): void => deadlines.remove(this);
      flight.answer.then(
        (answer) => {
          unwatch();
          resolve(answer);
        },
        (error: unknown) => {
          unwatch();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
    deadlines.add(this);
  }

  expire(): void {
    this.reject?.(new TransportFailure('SUBREQUEST_TIMEOUT', 'it did not answer in time'));
    this.giveUp();
  }
}

/**
 * What must be equal for two calls to share one answer: the request and everything that tells the subgraph who asks.
 * Request id and trace differ between any two and say nothing about the answer.
 */
export function flightKey({ body, caller }: SubgraphCall, isContextSent: boolean): string {
  return `${identityKey(caller, isContextSent)}\n${body}`;
}

function identityKey(caller: Caller, isContextSent: boolean): string {
  if (!isContextSent) return identityOf(caller);
  const { clientIp, userAgent } = caller.origin;
  return JSON.stringify([identityOf(caller), clientIp, userAgent]);
}

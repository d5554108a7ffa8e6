import type { Logger } from '@orion/platform/log';
import type { ExecutableSubscription, Outcome, Run } from '../execution/executable.js';
import type { SubgraphAnswer, SubgraphErrorJson } from '../execution/subgraph-call.js';
import { presentError } from '../security/present-error.js';
import { createStreamEvent } from './stream-event.js';
import type { StreamEvent } from './stream-event.js';

/** Turns the events of one stream into results, several at a time, and hands them on in the order they came. */
export interface Completion {
  push(answer: SubgraphAnswer): void;
  /** The next event comes after a gap. */
  markGap(): void;
  /** Events that are not begun yet and all later ones are completed with this executable. */
  use(executable: ExecutableSubscription): void;
  /** Nothing comes any more; `onEnd` follows when the last result is delivered. */
  finish(errors: readonly SubgraphErrorJson[] | undefined): void;
  /** Nothing is under way. */
  isIdle(): boolean;
  /** Nothing is handed on any more. */
  stop(): void;
}

export interface CompletionOptions {
  readonly executable: ExecutableSubscription;
  readonly startRun: () => Run;
  /** Milliseconds after which an event is given up. */
  readonly timeoutMs: number;
  readonly deliver: (events: readonly StreamEvent[]) => void;
  readonly onEnd: (failure: StreamEvent | undefined) => void;
  readonly logger: Logger;
}

interface Slot {
  readonly isAfterGap: boolean;
  event: StreamEvent | undefined;
}

/** Events completed at the same time. */
const CONCURRENT = 16;
/** Events that wait to be completed. Beyond it the other subgraphs cannot keep up, and the clients are told. */
const BACKLOG = 1_024;
/** Events begun before the event loop gets its turn: connections are written to and others are served. */
const AT_ONE_GO = 64;
/** The executable keeps the deadline itself; this is for one that does not. */
const GRACE_MS = 1_000;

const OVERFLOW: SubgraphErrorJson = {
  message: 'Events come faster than they can be completed.',
  extensions: { code: 'SUBSCRIPTION_OVERFLOW' },
};
const TIMEOUT: SubgraphErrorJson = {
  message: 'The event could not be completed in time.',
  extensions: { code: 'SUBSCRIPTION_EVENT_TIMEOUT' },
};

export function createCompletion(options: CompletionOptions): Completion {
  const { startRun, timeoutMs, deliver, logger } = options;
  let { executable } = options;
  const backlog: { readonly answer: SubgraphAnswer; readonly isAfterGap: boolean }[] = [];
  const slots: Slot[] = [];
  const ready: StreamEvent[] = [];
  let running = 0;
  let begun = 0;
  let isFlushing = false;
  let isAfterGap = false;
  let isStopped = false;
  let ending: { readonly errors: readonly SubgraphErrorJson[] | undefined } | undefined;

  const isIdle = (): boolean => slots.length === 0 && backlog.length === 0 && ready.length === 0;

  /** Runs where nobody would catch what is thrown, and clients are told in any case. */
  const failed = (used: ExecutableSubscription, errors: readonly SubgraphErrorJson[], run: Run): string => {
    try {
      return used.fail(errors, run).text;
    } catch (error) {
      const { requestId } = run.caller.origin;
      const fault = error instanceof Error ? error : new Error(String(error));
      // Errors that cannot be presented are not shown in part either.
      return JSON.stringify({ errors: [presentError(fault, { production: true, logger, requestId })] });
    }
  };
  const end = (): void => {
    if (ending === undefined || isStopped || !isIdle()) return;
    isStopped = true;
    const { errors } = ending;
    options.onEnd(errors === undefined ? undefined : createStreamEvent(failed(executable, errors, startRun())));
  };
  const flush = (): void => {
    isFlushing = false;
    if (isStopped) return;
    if (ready.length > 0) deliver(ready.splice(0));
    end();
  };
  const advance = (): void => {
    while (slots[0]?.event !== undefined) ready.push(slots.shift()?.event as StreamEvent);
    if (ready.length === 0 || isFlushing) return;
    isFlushing = true;
    // After everything that became ready in this turn: a burst is written to each client at once.
    process.nextTick(flush);
  };
  const begin = ({ answer, isAfterGap: marked }: (typeof backlog)[number]): void => {
    const slot: Slot = { isAfterGap: marked, event: undefined };
    slots.push(slot);
    running += 1;
    const used = executable;
    const run = tracedEvent(startRun());
    const settle = (text: string): void => {
      if (slot.event !== undefined) return;
      clearTimeout(timer);
      run.caller.span?.end();
      slot.event = createStreamEvent(text, slot.isAfterGap ? { gap: true } : {});
      running -= 1;
      advance();
      pump();
    };
    const timer = setTimeout(() => settle(failed(used, [TIMEOUT], run)), timeoutMs + GRACE_MS);
    timer.unref();
    used.complete(answer, run).then(
      ({ text }: Outcome) => settle(text),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        settle(failed(used, [{ message, extensions: { code: 'INTERNAL_SERVER_ERROR' } }], run));
      },
    );
  };
  const pump = (): void => {
    while (running < CONCURRENT && backlog.length > 0 && begun < AT_ONE_GO && !isStopped) {
      begun += 1;
      if (begun === AT_ONE_GO) setImmediate(resume);
      begin(backlog.shift() as (typeof backlog)[number]);
    }
  };
  const resume = (): void => {
    begun = 0;
    pump();
  };
  const finish = (errors: readonly SubgraphErrorJson[] | undefined): void => {
    ending ??= { errors };
    end();
  };

  return {
    push: (answer) => {
      if (ending !== undefined || isStopped) return;
      if (backlog.length >= BACKLOG) return finish([OVERFLOW]);
      backlog.push({ answer, isAfterGap });
      isAfterGap = false;
      pump();
    },
    markGap: () => {
      isAfterGap = true;
    },
    use: (next) => {
      executable = next;
    },
    finish,
    isIdle,
    stop: () => {
      isStopped = true;
      backlog.length = 0;
    },
  };
}

/** Each event is a trace of its own: the subscription's may last for days. */
function tracedEvent(run: Run): Run {
  const span = run.caller.span?.startEvent();
  return span === undefined ? run : { ...run, caller: { ...run.caller, span, traceparent: span.traceparent } };
}

import { Worker } from 'node:worker_threads';
import type { PlannedOperation } from './planner.js';
import type { FromPlannerThread, PlanRequest, SupergraphFacts, ToPlannerThread } from './planner-messages.js';
import { PlanningError } from './planning-error.js';

/** One thread with the planner in it. It does one thing at a time; whoever has it waits for the answer. */
export interface PlannerThread {
  load(sdl: string): Promise<SupergraphFacts>;
  /** Rejects with PlanningError; after `timeout` and `crashed` the thread is gone. */
  plan(request: PlanRequest, timeoutMs: number): Promise<PlannedOperation>;
  readonly isAlive: boolean;
  end(): Promise<void>;
}

/** Starts loading the planner's code at once. An idle thread does not keep the process alive. */
export function startPlannerThread({ heapMb }: { readonly heapMb: number }): PlannerThread {
  const worker = new Worker(new URL('./planner-worker.js', import.meta.url), {
    name: 'planner',
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  worker.unref();
  let waiting: { resolve(answer: FromPlannerThread): void; reject(error: PlanningError): void } | undefined;
  let death: PlanningError | undefined;

  const die = (error: PlanningError): void => {
    death ??= error;
    waiting?.reject(death);
    waiting = undefined;
  };
  worker.on('message', (message: FromPlannerThread) => {
    const { resolve } = waiting ?? {};
    waiting = undefined;
    worker.unref();
    resolve?.(message);
  });
  worker.on('error', (error: Error) => die(new PlanningError('crashed', `the planner crashed: ${error.message}`)));
  worker.on('exit', (code) => die(new PlanningError('crashed', `the planner ended with code ${code}`)));

  const ask = async (message: ToPlannerThread): Promise<Exclude<FromPlannerThread, { kind: 'failed' }>> => {
    if (death !== undefined) throw death;
    if (waiting !== undefined) throw new Error('a planner thread was asked before it had answered');
    worker.ref();
    const answer = await new Promise<FromPlannerThread>((resolve, reject) => {
      waiting = { resolve, reject };
      worker.postMessage(message);
    });
    if (answer.kind === 'failed') throw new PlanningError(answer.failure, answer.message);
    return answer;
  };

  return {
    load: async (sdl) => {
      const answer = await ask({ kind: 'load', sdl });
      if (answer.kind !== 'loaded') throw new Error(`a planner thread answered ${answer.kind} to load`);
      return answer.facts;
    },
    plan: async (request, timeoutMs) => {
      const timer = setTimeout(() => {
        die(new PlanningError('timeout', `planning was given up after ${timeoutMs} ms`));
        void worker.terminate();
      }, timeoutMs);
      try {
        const answer = await ask({ kind: 'plan', request });
        if (answer.kind !== 'planned') throw new Error(`a planner thread answered ${answer.kind} to plan`);
        return answer.operation;
      } finally {
        clearTimeout(timer);
      }
    },
    get isAlive() {
      return death === undefined;
    },
    end: async () => {
      die(new PlanningError('closed', 'the planner was closed'));
      await worker.terminate();
    },
  };
}

import { createHash } from 'node:crypto';
import type { Logger } from '@orion/platform/log';
import type { PlannedOperation, Planner } from './planner.js';
import type { PlannerLimits } from './planner-limits.js';
import type { PlanRequest, SupergraphFacts } from './planner-messages.js';
import { startPlannerThread } from './planner-thread.js';
import type { PlannerThread } from './planner-thread.js';
import { PlanningError } from './planning-error.js';

export interface PlannerPoolOptions extends PlannerLimits {
  readonly logger: Logger;
  /** A thread that was started before the supergraph was known. */
  readonly firstThread?: PlannerThread | undefined;
}

/** Whoever invents operations faster than they can be planned is turned away, and not everybody. */
const MAX_QUEUED = 1_000;

/** What has cost a thread once will again: it is not tried for a while, so that it cannot keep the others waiting. */
const REFUSED_MS = 60_000;
const MAX_REFUSED = 1_000;

interface Job {
  /** See {@link keyOf}. */
  readonly key: string;
  readonly request: PlanRequest;
  resolve(operation: PlannedOperation): void;
  reject(error: unknown): void;
}

/** Loads the supergraph in a first thread; rejects when that cannot be done. Further threads follow when they are needed. */
export async function startPlannerPool(
  sdl: string,
  options: PlannerPoolOptions,
): Promise<{ readonly facts: SupergraphFacts; readonly planner: Planner }> {
  const { heapMb, firstThread } = options;
  const thread = firstThread?.isAlive === true ? firstThread : startPlannerThread({ heapMb });
  try {
    const facts = await thread.load(sdl);
    return { facts, planner: new PlannerPool(sdl, { ...options, thread, overrideLabels: facts.overrideLabels }) };
  } catch (error) {
    await thread.end();
    throw error;
  }
}

/**
 * Plans on a few threads, one operation at a time on each. A thread that takes too long or dies takes one operation
 * with it, is replaced, and the operations that wait are planned by its successor.
 */
class PlannerPool implements Planner {
  readonly overrideLabels: readonly string[];
  readonly #sdl: string;
  readonly #options: PlannerPoolOptions;
  readonly #underWay = new Map<string, Promise<PlannedOperation>>();
  readonly #refused = new Map<string, { readonly error: PlanningError; readonly until: number }>();
  readonly #queue: Job[] = [];
  readonly #idle: PlannerThread[] = [];
  /** Threads that plan or load the supergraph. */
  #busy = 0;
  #isRetired = false;
  #isClosed = false;

  constructor(
    sdl: string,
    options: PlannerPoolOptions & { readonly thread: PlannerThread; readonly overrideLabels: readonly string[] },
  ) {
    this.#sdl = sdl;
    this.#options = options;
    this.#idle.push(options.thread);
    this.overrideLabels = options.overrideLabels;
  }

  plan(request: PlanRequest): Promise<PlannedOperation> {
    const key = keyOf(request);
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    if (this.#isClosed) return Promise.reject(new PlanningError('closed', 'the supergraph is no longer served'));
    const refused = this.#refusalOf(key);
    if (refused !== undefined) return Promise.reject(refused);
    if (this.#queue.length >= MAX_QUEUED)
      return Promise.reject(new PlanningError('overloaded', 'too many operations wait to be planned'));
    const planned = new Promise<PlannedOperation>((resolve, reject) => {
      this.#queue.push({ key, request, resolve, reject });
    }).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, planned);
    this.#work();
    return planned;
  }

  retire(): void {
    this.#isRetired = true;
    this.#work();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.retire();
    await Promise.allSettled(this.#underWay.values());
    await this.#endIdle();
  }

  /** Gives waiting operations to threads. */
  #work(): void {
    while (this.#queue.length > 0) {
      const thread = this.#idle.pop();
      if (thread === undefined) {
        if (this.#busy >= this.#options.threads) return;
        this.#replace();
        return;
      }
      if (!thread.isAlive) continue;
      const job = this.#queue.shift();
      if (job !== undefined) this.#run(job, thread);
    }
    if (this.#isRetired) void this.#endIdle();
  }

  #run(job: Job, thread: PlannerThread): void {
    this.#busy += 1;
    thread
      .plan(job.request, this.#options.planTimeoutMs)
      .then(job.resolve, (error: unknown) => {
        job.reject(error);
        if (thread.isAlive) return;
        if (error instanceof PlanningError) this.#refuse(job.key, error);
        this.#options.logger.error({ reason: messageOf(error) }, 'a planner thread is replaced');
      })
      .finally(() => this.#takeBack(thread));
  }

  #refuse(key: string, error: PlanningError): void {
    this.#refused.set(key, { error, until: performance.now() + REFUSED_MS });
    for (const oldest of this.#refused.keys()) {
      if (this.#refused.size <= MAX_REFUSED) break;
      this.#refused.delete(oldest);
    }
  }

  #refusalOf(key: string): PlanningError | undefined {
    const refused = this.#refused.get(key);
    if (refused === undefined) return undefined;
    if (performance.now() < refused.until) return refused.error;
    this.#refused.delete(key);
    return undefined;
  }

  #takeBack(thread: PlannerThread): void {
    this.#busy -= 1;
    if (thread.isAlive) this.#idle.push(thread);
    else if (!this.#isRetired) this.#replace();
    this.#work();
  }

  #replace(): void {
    this.#busy += 1;
    this.#start()
      .catch(() => this.#start())
      .then(
        (thread) => this.#takeBack(thread),
        (error: unknown) => {
          this.#busy -= 1;
          this.#options.logger.error({ reason: messageOf(error) }, 'no planner thread can be started');
          // With nobody to plan them they would wait for ever; the next operation tries to start a thread again.
          if (this.#busy > 0) return;
          for (const job of this.#queue.splice(0))
            job.reject(new PlanningError('crashed', `the planner cannot be started: ${messageOf(error)}`));
        },
      );
  }

  async #start(): Promise<PlannerThread> {
    const thread = startPlannerThread({ heapMb: this.#options.heapMb });
    try {
      await thread.load(this.#sdl);
      return thread;
    } catch (error) {
      await thread.end();
      throw error;
    }
  }

  async #endIdle(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end()));
  }
}

/** A hash: what is refused is remembered for a minute, and may be long. */
function keyOf({ text, overrides }: PlanRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([text, ...overrides]))
    .digest('base64');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

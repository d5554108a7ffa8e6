/** What planning may take. */
export interface PlannerLimits {
  /** How many operations can be planned at one time. */
  readonly threads: number;
  /** After it an operation is given up, and with it the thread that was busy with it. */
  readonly planTimeoutMs: number;
  /** Heap of one thread, in megabytes. */
  readonly heapMb: number;
}

export const STANDARD_PLANNER_LIMITS: PlannerLimits = { threads: 1, planTimeoutMs: 10_000, heapMb: 512 };

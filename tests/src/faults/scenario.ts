import type { Random } from './random.js';
import type { TransportName } from './rig/broker.js';
import type { Rig, RigOptions } from './rig/rig.js';

/** What a fault did. Zero lost, doubled and disordered, and no problem, is what is expected of every row. */
export interface Figures {
  /** What was done, in a few words: "4,210 sent, 5 kills". */
  readonly done: string;
  /** Committed with a row in `sent`, and without effect in the end. */
  readonly lost: number;
  /** Effects more than one, over all events. */
  readonly doubled: number;
  /** Effects that came before an earlier one of their key. */
  readonly disordered: number;
  /** From the end of the fault until everything had taken effect, in milliseconds. */
  readonly recoveryMs: number | null;
  /** What else is not as the row expects, one line each. */
  readonly problems: readonly string[];
  /** Worth knowing, not judged. */
  readonly notes?: readonly string[];
}

/** Sizes of a run: one set for every build, one for the command. */
export type Parameters = Readonly<Record<string, number>>;

/** What a row gets to work with. */
export interface FaultContext<P extends Parameters = Parameters> {
  readonly transport: TransportName;
  readonly parameters: P;
  readonly random: Random;
  /** Databases, topic and processes of this run on the servers of all runs. Closed afterwards. */
  openRig(options?: RigOptions): Promise<Rig>;
}

/** One row of the fault matrix. */
export interface Scenario<P extends Parameters = Parameters> {
  /** `F1` ... as in the matrix. */
  readonly id: string;
  readonly title: string;
  readonly transports: readonly TransportName[];
  /** Where its quick form runs with every build. The others take too long for that. */
  readonly inTests: readonly TransportName[];
  readonly quick: P;
  readonly full: P;
  /** What must hold besides nothing lost, nothing doubled, order kept. */
  readonly expected: string;
  run(context: FaultContext<P>): Promise<Figures>;
}

/** A row whose parameters are typed for its own code and not for the list of all. */
export function defineScenario<P extends Parameters>(scenario: Scenario<P>): Scenario {
  return scenario;
}

export const BOTH: readonly TransportName[] = ['postgres', 'kafka'];

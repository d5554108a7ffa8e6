import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { TransportConfig } from '../transport/transport-from-config.js';

/** How a process reaches the log. */
export type TransportAddress = Pick<TransportConfig, 'busDatabaseUrl' | 'kafkaBrokers'>;

/** An event as a member process tells of it. */
export interface ToldEvent {
  readonly id: string;
  readonly key: string;
  readonly n: number;
}

/** What a member process is told when it starts. */
export interface MemberPlan {
  readonly address: TransportAddress;
  readonly group: string;
  readonly topics: readonly string[];
  readonly batchSize: number;
}

/** A member, and who hears of its batches. */
export interface MemberOptions extends MemberPlan {
  /**
   * A batch is in the handler, which resolves when this does with true: so what a member has handled is known here
   * before its group can move on.
   */
  readonly onBatch: (batch: readonly ToldEvent[], member: Member) => boolean;
}

/** A process that consumes as a member of a group. */
export interface Member {
  /** Leaves the group in order, and ends. */
  stop(): Promise<void>;
  /** SIGKILL, which no finally block survives. */
  kill(): Promise<void>;
}

/** Starts the fixture beside this file. */
export function startMember({ onBatch, ...plan }: MemberOptions): Member {
  const child = fork(new URL('transport-member.fixture.js', import.meta.url), [JSON.stringify(plan)], { execArgv: [] });
  const ended = once(child, 'exit');
  const end = async (act: () => void) => {
    if (child.exitCode === null && child.signalCode === null) act();
    await ended;
  };
  const member: Member = {
    stop: () => end(() => child.send('stop')),
    kill: () => end(() => child.kill('SIGKILL')),
  };
  child.on('message', (batch) => {
    // After a kill, messages that were on their way may still come.
    if (onBatch(batch as readonly ToldEvent[], member) && child.connected) child.send('handled');
  });
  // A process that is gone cannot be told; `ended` tells of it.
  child.on('error', () => undefined);
  return member;
}

import { defineEvent } from '@orion/platform/events';
import type { EventContract } from '@orion/platform/events';
import { z } from 'zod';
import type { EventVersion } from './process/plan.js';

/** What the producer of the fault rows publishes. */
export interface Counted {
  readonly counterId: string;
  /** Rises with every transaction of its key. */
  readonly n: number;
  /** How many attempts at it fail; -1: all. */
  readonly fail: number;
  readonly padding: string;
  /** Since version 2, where it is required. */
  readonly unit?: string | undefined;
}

const properties = { counterId: z.string(), n: z.number().int(), fail: z.number().int(), padding: z.string() };

const v1 = defineEvent({
  type: 'dev.orion.faults.counted.v1',
  owner: 'system',
  description: 'Something was counted.',
  schema: z.object(properties),
  key: ({ counterId }) => counterId,
});

const v2 = defineEvent({
  type: 'dev.orion.faults.counted.v2',
  owner: 'system',
  description: 'Something was counted, in a unit.',
  schema: z.object({ ...properties, unit: z.string() }),
  key: ({ counterId }) => counterId,
  upcastFrom: { contract: v1, upcast: (old) => ({ ...old, unit: 'piece' }) },
});

/** The event on a topic of its own: a broker that is used for several rows keeps the events of all. */
export function countedOn(topic: string, version: EventVersion = 1): EventContract<Counted> {
  const base = (version === 1 ? v1 : v2) as EventContract<Counted>;
  const contract: EventContract<Counted> = { ...base, topic, of: (data) => ({ contract, data }) };
  return contract;
}

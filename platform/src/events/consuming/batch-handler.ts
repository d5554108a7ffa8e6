import type { EventEnvelope } from '../envelope.js';
import type { Processing } from './event-processing.js';
import { parkOutright, processBatch } from './process-batch.js';
import type { AlsoInTransaction, BatchOutcome } from './process-batch.js';

/** After so many failures in a row of the whole transaction, events are taken one by one to find the one to blame. */
const FAILURES_BEFORE_ONE_BY_ONE = 3;

/** Takes batches as a transport hands them over. */
export interface ConsumerBatchHandler {
  /** Rejects when the batch must come again. */
  handle(batch: readonly EventEnvelope[]): Promise<void>;
  /** Since when the same batch is being tried, whether it fails or hangs; null between batches. */
  busySince(): Date | null;
}

/** `onOutcome` is called after each commit, `also` in each transaction. */
export function createBatchHandler(
  processing: Processing,
  { onOutcome, also }: { readonly onOutcome: (outcome: BatchOutcome) => void; readonly also?: AlsoInTransaction },
): ConsumerBatchHandler {
  let failures = 0;
  let since: Date | null = null;

  async function attempt(batch: readonly EventEnvelope[]): Promise<void> {
    try {
      onOutcome(await processBatch(processing, batch, also));
    } catch (error) {
      failures += 1;
      if (failures < FAILURES_BEFORE_ONE_BY_ONE) throw error;
      for (const event of batch) onOutcome(await takeSingly(processing, event, also));
    }
  }

  return {
    async handle(batch) {
      since ??= new Date();
      await attempt(batch);
      failures = 0;
      since = null;
    },
    busySince: () => since,
  };
}

/** Parks an event that breaks its transaction; rejects when not even that is possible: the database is down. */
async function takeSingly(
  processing: Processing,
  event: EventEnvelope,
  also: AlsoInTransaction | undefined,
): Promise<BatchOutcome> {
  try {
    return await processBatch(processing, [event], also);
  } catch (error) {
    return parkOutright(processing, { event, error, also });
  }
}

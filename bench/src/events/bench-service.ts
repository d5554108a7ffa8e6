import { createEventBackbone, createTransport } from '@orion/platform/events';
import type { EventBackbone, EventTransport } from '@orion/platform/events';
import { createJobWorker, defineJob } from '@orion/platform/jobs';
import { createLogger } from '@orion/platform/log';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { openPool } from './bench-database.js';
import { countTaken, recordEffects } from './effects.js';
import type { CountingTransport } from './effects.js';

/** A job that does nothing. */
export const idleJob = defineJob({ name: 'bench.idle', schema: z.object({ n: z.number() }) });

/** Relay, consumers and job worker of one service, without an API. */
export interface BenchService {
  readonly dataSource: DataSource;
  readonly transport: CountingTransport;
  stop(): Promise<void>;
}

/** Starts them over databases that have their tables; `onEvent` and `onJob` are called where a handler begins. */
export async function startBenchService(options: {
  readonly databaseUrl: string;
  readonly busUrl: string;
  readonly onEvent?: () => void;
  readonly onJob?: () => void;
}): Promise<BenchService> {
  const { databaseUrl, onEvent, onJob } = options;
  const logger = createLogger('bench', { level: 'warn' });
  const dataSource = await openPool(databaseUrl);
  const transport = countTaken(createTransport({ busDatabaseUrl: options.busUrl, clientId: 'bench', logger }));
  const backbone: EventBackbone = createEventBackbone({ service: 'bench', dataSource, databaseUrl, transport, logger });
  for (const group of ['bench', 'bench-second']) {
    const handle = recordEffects(group === 'bench' ? onEvent : undefined);
    // One of them records; the other one is there because services have several.
    const topics = [group === 'bench' ? 'orion.auth' : 'orion.user'];
    backbone.consume({ group, topics, ordering: 'none', handle });
  }
  const jobs = createJobWorker({ service: 'bench', dataSource, databaseUrl, logger });
  jobs.handle(idleJob, () => {
    onJob?.();
    return Promise.resolve();
  });
  await backbone.start();
  await jobs.start();
  return {
    dataSource,
    transport,
    async stop() {
      await jobs.stop();
      await backbone.stop();
      await (transport as EventTransport).close();
      await dataSource.destroy();
    },
  };
}

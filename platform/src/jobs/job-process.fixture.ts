import { setTimeout as wait } from 'node:timers/promises';
import { openDataSource, silent, soonLost } from './job-test-bed.js';
import { createJobWorker } from './job-worker.js';

/**
 * A process of the crash tests. `transactional`: writes effects in the transaction of the job. `plain`: writes them on
 * another connection, as work outside of the database would. It dies by SIGKILL in the middle of a job of its choice,
 * or takes its time so that it can be stopped from outside.
 */
const [mode, databaseUrl = '', dieAt = '0', takesMs = '0'] = process.argv.slice(2);
const dataSource = await openDataSource(databaseUrl, 'fixture');
const worker = createJobWorker({ service: 'fixture', dataSource, databaseUrl, logger: silent, concurrency: 8 });
const INSERT = 'INSERT INTO effects (n, attempt, pid) VALUES ($1, $2, $3)';
let handled = 0;

async function middle(): Promise<void> {
  handled += 1;
  if (handled === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
  process.send?.('in hand');
  await wait(Number(takesMs));
}

if (mode === 'transactional') {
  worker.handleInTransaction(soonLost, async ({ data, attempt }, manager) => {
    await manager.query(INSERT, [data.n, attempt, process.pid]);
    await middle();
  });
} else {
  worker.handle(soonLost, async ({ data, attempt }) => {
    await middle();
    await dataSource.query(INSERT, [data.n, attempt, process.pid]);
  });
}
await worker.start();
process.send?.('working');

import { startBenchService } from './bench-service.js';

/** A service at rest in a process of its own: node idle-process.js DATABASE BUS; says when it has begun. */
const [databaseUrl = '', busUrl = ''] = process.argv.slice(2);
const service = await startBenchService({ databaseUrl, busUrl });
process.send?.('started');
process.once('disconnect', () => void service.stop());

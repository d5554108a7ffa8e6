import type { Worker } from 'node:cluster';
import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import type { MetricsPage } from '../observability/prometheus.js';
import type { MetricsAnswer, MetricsQuestion } from './share-metrics.js';
import type { WorkerSet } from './worker-set.js';

/** A worker that does not answer by then hangs: a page without it would look as if everybody counted anew. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * Metrics of all workers: sums of what they count, averages of lags, and how the workers themselves do. Only those that
 * serve are asked, prom-client's own `clusterMetrics` would wait for one that is still starting.
 */
export function createWorkersPage(workers: Pick<WorkerSet, 'serving' | 'restarts'>): () => Promise<MetricsPage> {
  const own = new Registry();
  const registers = [own];
  const read = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  read('orion_workers', 'Worker processes that serve', () => workers.serving().length);
  read('orion_worker_restarts', 'Workers that ended and were started again', workers.restarts);
  let questions = 0;
  return async () => {
    questions += 1;
    const question: MetricsQuestion = { type: 'metrics', question: questions };
    const answers = await Promise.all(workers.serving().map((worker) => ask(worker, question)));
    const all = AggregatorRegistry.aggregate(answers.flat());
    return {
      contentType: Registry.PROMETHEUS_CONTENT_TYPE,
      text: `${await all.metrics()}\n${await own.metrics()}`,
    };
  };
}

/** What a worker counts; nothing of one that ends meanwhile. */
function ask(worker: Worker, question: MetricsQuestion): Promise<MetricsAnswer['registries']> {
  return new Promise((resolve, reject) => {
    const settle = (registries: MetricsAnswer['registries']): void => {
      clearTimeout(tooLate);
      worker.off('message', take);
      worker.off('exit', ended);
      resolve(registries);
    };
    const take = (message: Partial<MetricsAnswer>): void => {
      if (message.answer === question.question && message.registries !== undefined) settle(message.registries);
    };
    const ended = (): void => settle([]);
    const tooLate = setTimeout(() => {
      settle([]);
      reject(new Error(`worker ${worker.id} does not answer`));
    }, ANSWER_WITHIN_MS);
    worker.on('message', take);
    worker.on('exit', ended);
    worker.send(question);
  });
}

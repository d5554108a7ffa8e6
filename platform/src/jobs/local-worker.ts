import type { DataSource } from 'typeorm';

/** The worker of this process, as `enqueue` sees it. */
export interface LocalWorker {
  /**
   * Whether other processes should be told of new jobs of this kind: they are not run here, or all slots are taken. The
   * latter is said ten times a second at the most: who is told of one job takes those that came since as well.
   */
  needsOthersFor(name: string): boolean;
  /** Call when there may be something to do. */
  wake(): void;
}

const workers = new WeakMap<DataSource, LocalWorker>();

/**
 * Lets transactions of `dataSource` wake the worker of this process when they commit, in place of a NOTIFY, whose
 * commits take turns in the whole cluster. Returns how to undo it.
 */
export function attachLocalWorker(dataSource: DataSource, worker: LocalWorker): () => void {
  workers.set(dataSource, worker);
  return () => {
    if (workers.get(dataSource) === worker) workers.delete(dataSource);
  };
}

/** The worker of this process on `dataSource`, if there is one. */
export function localWorkerOf(dataSource: DataSource): LocalWorker | undefined {
  return workers.get(dataSource);
}

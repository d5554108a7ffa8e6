import type { DataSource } from 'typeorm';
import type { RegisteredGroup } from './registered-group.js';

/** Retries of a batch take seconds, a handler that is worth its transaction takes less. */
const STUCK_AFTER_MS = 60_000;

/** What stands still. Both empty: all is well. */
export interface BackboneHealth {
  /** Groups of this process that have been at the same batch for more than a minute, because it fails or hangs. */
  readonly stuckGroups: readonly { readonly group: string; readonly since: Date }[];
  /** Since when the oldest event waits in the outbox, if that is more than a minute: the log cannot be reached. */
  readonly unpublishedSince: Date | null;
}

/** Reads the health of a backbone. */
export function createBackboneHealth({
  dataSource,
  groups,
}: {
  readonly dataSource: DataSource;
  readonly groups: ReadonlyMap<string, RegisteredGroup>;
}): () => Promise<BackboneHealth> {
  return async () => {
    const stuckGroups = [...groups].flatMap(([group, { consumer }]) => {
      const since = consumer?.busySince() ?? null;
      return since !== null && Date.now() - since.getTime() > STUCK_AFTER_MS ? [{ group, since }] : [];
    });
    const [row]: readonly { readonly oldest: Date | null }[] = await dataSource.query(
      `SELECT created_at AS oldest FROM outbox WHERE created_at < now() - make_interval(secs => $1) ORDER BY seq LIMIT 1`,
      [STUCK_AFTER_MS / 1_000],
    );
    return { stuckGroups, unpublishedSince: row?.oldest ?? null };
  };
}

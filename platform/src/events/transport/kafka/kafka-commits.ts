/** Commits one after the other, while the next chunk is handled already. */
export interface Commits {
  /** Resolves when this commit is begun; rejects when the one before it failed, which ends the batch. */
  next(commit: () => Promise<void>): Promise<void>;
  /** The one before does not matter any more. */
  forget(): void;
}

/** None is pending. */
export function createCommits(): Commits {
  let pending: Promise<void> = Promise.resolve();
  return {
    async next(commit) {
      await pending;
      pending = commit();
      // Whoever comes next sees the failure; nobody may come.
      pending.catch(() => undefined);
    },
    forget: () => (pending = Promise.resolve()),
  };
}

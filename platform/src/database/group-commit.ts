/**
 * Collects what is to be saved while an earlier save is under way, and saves it together: one transaction for many
 * under load, one for each when idle, and never a wait for more to come.
 */
export function createGroupCommit<Item>(
  save: (items: readonly Item[]) => Promise<void>,
): (item: Item) => Promise<void> {
  let waiting: Item[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();

  async function saveWaiting(previous: Promise<void>): Promise<void> {
    // How the previous save ended is the business of those who waited for it.
    await previous.catch(() => undefined);
    const items = waiting;
    waiting = [];
    next = undefined;
    await save(items);
  }

  return (item) => {
    waiting.push(item);
    if (next === undefined) {
      next = saveWaiting(current);
      current = next;
    }
    return next;
  };
}

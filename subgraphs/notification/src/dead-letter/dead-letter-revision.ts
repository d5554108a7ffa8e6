import type { EntityManager } from 'typeorm';

/**
 * Begins a change of dead letters: takes the next revision, and waits for others who change them until they have
 * committed. To be called first in the transaction, so that nobody waits in a circle.
 */
export async function nextRevision(manager: EntityManager): Promise<string> {
  const [rows]: [{ readonly revision: string }[], number] = await manager.query(
    'UPDATE dead_letter_revision SET revision = revision + 1 RETURNING revision',
  );
  const [row] = rows;
  if (row === undefined) throw new Error('dead_letter_revision has lost its row');
  return row.revision;
}

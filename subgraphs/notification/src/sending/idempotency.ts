import type { EntityManager } from 'typeorm';

/** A send under a key of its sender. */
export interface KeyedSend {
  readonly senderId: string;
  readonly key: string;
  readonly fingerprint: Buffer;
  /** Ids that the notifications will have, when this send is the first. */
  readonly notificationIds: readonly string[];
}

/** The first one under the key may send; later ones get what it made, unless they ask for something else. */
export type Claim =
  | { readonly kind: 'first' }
  | { readonly kind: 'repeated'; readonly notificationIds: readonly string[] }
  | { readonly kind: 'conflict' };

/**
 * Takes the key in the caller's transaction. When another transaction is just about to take it, this waits for its
 * end, so that of many at once exactly one sends, and the others see what it made.
 */
export async function claimKey(
  manager: EntityManager,
  { senderId, key, fingerprint, notificationIds }: KeyedSend,
): Promise<Claim> {
  const taken: unknown[] = await manager.query(
    `INSERT INTO sends (sender_id, key, fingerprint, notification_ids) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING key`,
    [senderId, key, fingerprint, notificationIds],
  );
  if (taken.length > 0) return { kind: 'first' };
  const [earlier] = (await manager.query(
    'SELECT fingerprint, notification_ids FROM sends WHERE sender_id = $1 AND key = $2',
    [senderId, key],
  )) as readonly { readonly fingerprint: Buffer; readonly notification_ids: readonly string[] }[];
  if (earlier === undefined) throw new Error(`the idempotency key of ${senderId} vanished`);
  return earlier.fingerprint.equals(fingerprint)
    ? { kind: 'repeated', notificationIds: earlier.notification_ids }
    : { kind: 'conflict' };
}

import { uuidv7 } from '@orion/platform/ids';
import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import type { EntityManager } from 'typeorm';
import { hashToken, randomToken } from '../one-time-token/one-time-token.service.js';
import { Device } from './device.entity.js';

const LONGEST_NAME = 120;

/** A device at sign-in. */
export interface RecognisedDevice {
  readonly id: string;
  /** The secret that the client should keep and send next time as `deviceToken`. */
  readonly token: string;
  /** True for a device never seen before, when the account had others: worth an alert. */
  readonly isNew: boolean;
}

/** Recognises and lists devices. */
export class DeviceService {
  readonly byId: BatchLoad<string, Device | null>;

  constructor(manager: EntityManager) {
    this.byId = loadById(manager, Device);
  }

  /** Finds the device by its secret, or records a new one, in the caller's transaction. */
  async recognise(
    manager: EntityManager,
    {
      userId,
      token,
      userAgent,
    }: { readonly userId: string; readonly token: string | null; readonly userAgent: string | null },
  ): Promise<RecognisedDevice> {
    if (token !== null) {
      // One UPDATE: a device that is seen now is not cleaned up at the same moment.
      const { raw } = await manager
        .createQueryBuilder()
        .update(Device)
        .set({ lastSeenAt: new Date() })
        .where('user_id = :userId AND secret_hash = :secretHash', { userId, secretHash: hashToken(token) })
        .returning('id')
        .execute();
      const [known] = raw as { id: string }[];
      if (known !== undefined) return { id: known.id, token, isNew: false };
    }
    const hadOthers = await manager.existsBy(Device, { userId });
    const id = uuidv7();
    const secret = randomToken();
    const now = new Date();
    await manager.insert(Device, {
      id,
      userId,
      secretHash: hashToken(secret),
      name: userAgent?.slice(0, LONGEST_NAME) ?? 'unknown',
      firstSeenAt: now,
      lastSeenAt: now,
    });
    return { id, token: secret, isNew: hadOthers };
  }
}

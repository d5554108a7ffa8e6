import { holds } from '@orion/platform/identity';
import { isUuid, uuidv7 } from '@orion/platform/ids';
import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import { loadPages } from '@orion/platform/pagination';
import type { Connection, OwnedPageRequest } from '@orion/platform/pagination';
import type { SubgraphContext } from '@orion/platform/subgraph';
import type { DataSource, EntityManager } from 'typeorm';
import { hashToken, randomToken } from '../one-time-token/one-time-token.service.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import { Device } from './device.entity.js';
import { labelOfUserAgent } from './device-label.js';

/** A device at sign-in. */
export interface RecognisedDevice {
  readonly id: string;
  /** The secret that the client should keep and send next time as `deviceToken`. */
  readonly token: string;
  /** True for a device never seen before, when the account was used on another one already: worth an alert. */
  readonly isNew: boolean;
}

/** A device, and who is at it. */
export interface DeviceInUse extends LoginOrigin {
  readonly userId: string;
  readonly deviceId: string;
  readonly sessionId: string;
}

/** Recognises, lists and trusts devices. */
export class DeviceService {
  readonly byId: BatchLoad<string, Device | null>;

  constructor(
    private readonly database: Pick<DataSource, 'manager'>,
    private readonly trustSeconds: number,
  ) {
    this.byId = loadById(database.manager, Device);
  }

  /** Pages of devices, for many users at once. */
  readonly pagesOfUsers: BatchLoad<OwnedPageRequest, Connection<Device>> = (requests) =>
    loadPages(this.database.manager, Device, { ownerColumn: 'user_id', requests, where: 't.revoked_at IS NULL' });

  /** By its id: for its owner, and for those who may see the devices or the sessions of anybody. */
  async visible(id: string, { loaders, viewer }: SubgraphContext): Promise<Device | null> {
    if (viewer === null || !isUuid(id)) return null;
    const device = await loaders.load(this.byId, id);
    const mayAny = holds(viewer, 'device:read:any') || holds(viewer, 'session:read:any');
    return mayAny || device?.userId === viewer.userId ? device : null;
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
        .where('user_id = :userId AND secret_hash = :secretHash AND revoked_at IS NULL', {
          userId,
          secretHash: hashToken(token),
        })
        .returning('id')
        .execute();
      const [known] = raw as { id: string }[];
      if (known !== undefined) return { id: known.id, token, isNew: false };
    }
    // Also when its devices were cleaned up or revoked since: it was used before, so the owner is to be told.
    const [account] = await manager.query<{ was_used: boolean }[]>(
      `SELECT last_login_at IS NOT NULL OR EXISTS (SELECT 1 FROM devices d WHERE d.user_id = c.user_id) AS was_used
         FROM credentials c WHERE c.user_id = $1`,
      [userId],
    );
    const id = uuidv7();
    const secret = randomToken();
    const now = new Date();
    await manager.insert(Device, {
      id,
      userId,
      secretHash: hashToken(secret),
      ...labelOfUserAgent(userAgent),
      firstSeenAt: now,
      lastSeenAt: now,
    });
    return { id, token: secret, isNew: account?.was_used === true };
  }

  /** From now on no second factor is asked for on it, for some time. Returns false when it was revoked. */
  async trust(manager: EntityManager, { deviceId, ...who }: DeviceInUse): Promise<boolean> {
    const [trusted] = await manager.query<[unknown[], number]>(
      `UPDATE devices SET trusted_until = now() + make_interval(secs => $3)
        WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING id`,
      [deviceId, who.userId, this.trustSeconds],
    );
    if (trusted.length === 0) return false;
    await recordSecurityEvent(manager, {
      ...who,
      deviceId,
      type: SecurityEventType.DEVICE_TRUSTED,
      severity: SecuritySeverity.LOW,
      details: { seconds: this.trustSeconds },
    });
    return true;
  }
}

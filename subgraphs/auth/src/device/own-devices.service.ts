import { actorOf, auditOf } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import { isDisplayName } from '@orion/platform/text';
import type { DataSource, EntityManager } from 'typeorm';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { SessionService } from '../session/session.service.js';
import { traceOf } from '../step-up/caller.js';
import type { Caller } from '../step-up/caller.js';
import { gaveSecondFactor, lockOwnSession } from '../step-up/own-session.js';
import type { SecondFactorService } from '../two-factor/second-factor.service.js';
import { Device } from './device.entity.js';
import type { deviceErrors } from './device.errors.js';
import type { DeviceService } from './device.service.js';

type Fault = keyof typeof deviceErrors | 'MFA_NOT_ENABLED' | 'SECOND_FACTOR_REQUIRED';

/** What people do with their devices. Each returns the device, or why nothing was done. */
export class OwnDevicesService {
  constructor(
    private readonly database: DataSource,
    private readonly devices: DeviceService,
    private readonly sessions: SessionService,
    private readonly factors: SecondFactorService,
  ) {}

  async rename(caller: Caller, { id, name }: { readonly id: string; readonly name: string }): Promise<Device | Fault> {
    const fitting = name.normalize('NFC').trim();
    if (!isDisplayName(fitting)) return 'DEVICE_NAME_INVALID';
    return this.change(caller, id, async (manager) => {
      const { viewer, ip: clientIp, userAgent } = caller;
      await manager.update(Device, { id }, { name: fitting });
      await publish(manager, [
        auditOf(actorOf({ viewer, clientIp, userAgent }), {
          service: 'auth',
          action: 'device.renamed',
          targets: [{ type: 'device', id }],
        }),
      ]);
    });
  }

  /** Trusts the device of the session, in which the second factor must have been given. */
  trust(caller: Caller): Promise<Device | Fault> {
    const { viewer, ip, userAgent } = caller;
    return this.database.transaction(async (manager) => {
      const { account, session } = await lockOwnSession(manager, viewer);
      if (!(await this.factors.isEnabled(manager, account.id))) return 'MFA_NOT_ENABLED';
      if (!gaveSecondFactor(session)) return 'SECOND_FACTOR_REQUIRED';
      const { deviceId } = session;
      const inUse = { userId: account.id, deviceId, sessionId: session.id, ip, userAgent };
      if (!(await this.devices.trust(manager, inUse))) return 'DEVICE_NOT_FOUND';
      return manager.findOneByOrFail(Device, { id: deviceId });
    });
  }

  untrust(caller: Caller, id: string): Promise<Device | Fault> {
    return this.change(caller, id, async (manager) => {
      await manager.update(Device, { id }, { trustedUntil: null });
      await this.record(manager, caller, { deviceId: id, type: SecurityEventType.DEVICE_UNTRUSTED });
    });
  }

  /** Forgets the secret of the device and ends its sessions. */
  revoke(caller: Caller, id: string): Promise<Device | Fault> {
    const { userId } = caller.viewer;
    return this.change(caller, id, async (manager) => {
      await manager.query('UPDATE devices SET revoked_at = now(), trusted_until = NULL WHERE id = $1', [id]);
      await this.sessions.revokeIn(manager, { userId, deviceId: id, reason: 'device-revoked' });
      await this.record(manager, caller, { deviceId: id, type: SecurityEventType.DEVICE_REVOKED });
    });
  }

  /** Runs the change when the device is the caller's own. */
  private async change(
    caller: Caller,
    id: string,
    work: (manager: EntityManager) => Promise<void>,
  ): Promise<Device | Fault> {
    if (!isUuid(id)) return 'DEVICE_NOT_FOUND';
    const { userId } = caller.viewer;
    return this.database.transaction(async (manager) => {
      await lockOwnSession(manager, caller.viewer);
      const device = await manager.findOneBy(Device, { id, userId });
      if (device === null || device.revokedAt !== null) return 'DEVICE_NOT_FOUND';
      await work(manager);
      return manager.findOneByOrFail(Device, { id });
    });
  }

  private record(
    manager: EntityManager,
    caller: Caller,
    what: { readonly deviceId: string; readonly type: SecurityEventType },
  ): Promise<void> {
    return recordSecurityEvent(manager, { ...traceOf(caller), ...what, severity: SecuritySeverity.LOW });
  }
}

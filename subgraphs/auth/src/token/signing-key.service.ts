import type { AuditActor } from '@orion/platform/audit';
import type { Viewer } from '@orion/platform/identity';
import { defineJob } from '@orion/platform/jobs';
import type { JobWorker } from '@orion/platform/jobs';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource, EntityManager } from 'typeorm';
import { z } from 'zod';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import { requireLiveSession } from '../session/live-session.js';
import { rotateKeys, rotateWhenDue } from './key-rotation.js';
import { SigningKey, SigningKeyState } from './signing-key.entity.js';
import type { SigningKeys } from './signing-keys.js';

const rotation = defineJob({ name: 'signing_keys.rotate', schema: z.object({}), priority: 'bulk' });

/** Changes the keys that sign access tokens. */
export class SigningKeyService {
  constructor(
    private readonly database: DataSource,
    private readonly keys: SigningKeys,
    private readonly sealer: Sealer,
  ) {}

  /** At an operator's word. Returns the `kid` that signs now. */
  async rotate(
    viewer: Viewer,
    { revokeOld, userId, ip, userAgent }: AuditActor & { readonly revokeOld: boolean },
  ): Promise<string> {
    const keyId = await this.database.transaction(async (manager) => {
      await requireLiveSession(manager, viewer);
      const id = await rotateKeys(manager, { sealer: this.sealer, revokeOld });
      await recordSecurityEvent(manager, {
        userId: null,
        type: SecurityEventType.SIGNING_KEYS_ROTATED,
        severity: revokeOld ? SecuritySeverity.HIGH : SecuritySeverity.LOW,
        ip,
        userAgent,
        ...(userId !== null && { actorId: userId }),
        details: { keyId: id, revokeOld },
      });
      return id;
    });
    await this.keys.reload();
    return keyId;
  }

  /** When the key has signed for so many days; every hour somebody looks. */
  schedule(jobs: JobWorker, days: number): void {
    jobs.handle(rotation, async () => {
      const isRotated = await this.database.transaction(async (manager) => {
        const rotated = await rotateWhenDue(manager, { sealer: this.sealer, days });
        if (rotated) await this.announce(manager);
        return rotated;
      });
      if (isRotated) await this.keys.reload();
    });
    jobs.schedule({ name: 'signing-key-rotation', cron: '41 * * * *', job: rotation.of({}) });
  }

  private async announce(manager: EntityManager): Promise<void> {
    const { id } = await manager.findOneByOrFail(SigningKey, { state: SigningKeyState.CURRENT });
    await recordSecurityEvent(manager, {
      userId: null,
      type: SecurityEventType.SIGNING_KEYS_ROTATED,
      severity: SecuritySeverity.LOW,
      details: { keyId: id, revokeOld: false },
    });
  }
}

import { toConnection } from '@orion/platform/pagination';
import type { PageRequest } from '@orion/platform/pagination';
import type { Sealer } from '@orion/platform/sealing';
import type { EntityManager } from 'typeorm';
import { openBody } from '../mail/mail-body.js';
import { Mail } from '../mail/mail.entity.js';
import type { CapturedMessage, CapturedMessageConnection } from './captured-message.types.js';

/** Shows the mails of demo mode. */
export class CapturedMessageService {
  constructor(
    private readonly manager: EntityManager,
    private readonly sealer: Sealer,
  ) {}

  /** Newest first; `recipient` null for everybody. */
  async page(
    request: PageRequest,
    { recipient }: { readonly recipient: string | null },
  ): Promise<CapturedMessageConnection> {
    const query = this.manager.createQueryBuilder(Mail, 'mail').where(`mail.status = 'CAPTURED'`);
    if (recipient !== null) query.andWhere('lower(mail.recipient) = lower(:recipient)', { recipient });
    if (request.afterId !== null) query.andWhere('mail.id < :afterId', { afterId: request.afterId });
    const mails = await query
      .orderBy('mail.id', 'DESC')
      .limit(request.first + 1)
      .getMany();
    return toConnection(
      mails.map((mail) => this.open(mail)),
      request,
    );
  }

  private open({ id, recipient, subject, bodySealed, createdAt }: Mail): CapturedMessage {
    const { text, html } = bodySealed === null ? { text: '', html: '' } : openBody(bodySealed, this.sealer);
    return { id, recipient, subject, text, html, createdAt };
  }
}

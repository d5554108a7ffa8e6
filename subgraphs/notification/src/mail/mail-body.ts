import type { Sealer } from '@orion/platform/sealing';
import type { RenderedMail } from './mail-content.js';

const SEAL = 'mail:body';

/** The two forms of what a mail says. */
export type MailBody = Pick<RenderedMail, 'text' | 'html'>;

/** As it rests in the table: a body may hold a link that lets somebody in. */
export function sealBody({ text, html }: MailBody, sealer: Sealer): string {
  return sealer.seal(JSON.stringify({ text, html }), SEAL);
}

/** Throws SealBrokenError when the key is not the one it was sealed with. */
export function openBody(sealed: string, sealer: Sealer): MailBody {
  return JSON.parse(sealer.open(sealed, SEAL)) as MailBody;
}

import { subgraphConfigSchema } from '@orion/platform/config';
import type { SharedSubgraphConfig } from '@orion/platform/config';
import { z } from 'zod';

/** `name@example.com` or `Name <name@example.com>`; no quotes and no line breaks, so that it is one header of one address. */
const SENDER = /^(?:[^<>"\p{C}]{1,100} <[^\s<>@",;]+@[^\s<>@",;]+>|[^\s<>@",;]+@[^\s<>@",;]+)$/u;

/** The environment of the notification subgraph. */
export const configSchema = subgraphConfigSchema(4003, {
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe(
      'mail server, smtp://user:password@host:587 or smtps://...; needed unless ORION_DEMO=true, when no mail is sent',
    ),
  MAIL_FROM: z
    .string()
    .regex(SENDER, 'an address, or a name and an address: ORION <no-reply@example.com>')
    .optional()
    .describe('sender of all mails, of a domain that the mail server may send for; needed unless ORION_DEMO=true'),
}).superRefine((config, context) => {
  if (config.ORION_DEMO) return;
  for (const name of ['SMTP_URL', 'MAIL_FROM'] as const) {
    if (config[name] === undefined) {
      context.addIssue({ code: 'custom', path: [name], message: 'needed to send mails, unless ORION_DEMO=true' });
    }
  }
});

export type NotificationConfig = SharedSubgraphConfig & z.infer<typeof configSchema>;

import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { code, id, instant, serviceName } from './fields.js';

/**
 * Something happened that somebody may have to account for. The envelope says in what undertaking (correlation id) and
 * because of what (causation id).
 */
export const auditRecorded = defineEvent({
  type: 'dev.orion.audit.recorded.v1',
  owner: 'system',
  topic: 'orion.audit',
  description: 'Something happened that belongs into the audit log. Published by the service where it happened.',
  schema: z.object({
    auditId: id('Id of the record: one that comes twice is kept once.'),
    actorType: z
      .enum(['user', 'service', 'system'])
      .describe('user: a person; service: a program under a name of its own; system: the platform itself.'),
    actorId: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .describe('Id of the user or name of the service; null for the system.'),
    action: code('What was done, "<subject>.<what>", for example "event.dead_lettered" or "dead_letter.discarded".'),
    outcome: z.enum(['success', 'failure', 'denied']).describe('What became of it.'),
    targets: z
      .array(
        z.object({
          type: code('Kind of the target, for example "event" or "user".'),
          id: id('Id of the target.'),
        }),
      )
      .min(1)
      .max(1_000)
      .describe('What it was done to, the foremost first.'),
    service: serviceName(),
    reason: z.string().max(4_000).nullable().describe('Why, in the words of the actor; null when none were given.'),
    ip: z.string().max(45).nullable().describe('Address of the client, IPv4 or IPv6; null when there is none.'),
    userAgent: z.string().max(1_000).nullable().describe('User-Agent header of the client; null when there is none.'),
    details: z
      .record(z.string(), z.unknown())
      .describe('What else is to be known of this action. No secrets, and nothing that the reader could not be shown.'),
    occurredAt: instant('When it happened.'),
  }),
  key: ({ targets, auditId }) => targets[0]?.id ?? auditId,
});

/** What the audit log is made from. */
export const auditEvents = [auditRecorded] as const;

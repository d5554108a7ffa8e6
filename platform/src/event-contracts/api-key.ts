import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { code, id } from './fields.js';

const apiKeyId = () => id('Id of the API key, never the key itself.');
const userId = () => id('Id of the user in whose name the key acts.');
const byUser = ({ userId: key }: { readonly userId: string }) => key;

/** A program can act in the name of a user from now on. */
export const apiKeyCreated = defineEvent({
  type: 'dev.orion.apikey.created.v1',
  owner: 'user',
  description: 'An API key was created: who holds it can act in the name of the user.',
  schema: z.object({
    apiKeyId: apiKeyId(),
    userId: userId(),
    name: z.string().min(1).max(200).describe('What its owner calls the key.'),
    permissions: z
      .array(z.string().min(1).max(200).describe('A permission, "resource:action:scope".'))
      .describe('All that the key may do.'),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .describe('When the key stops working. ISO 8601, UTC; null when it never does.'),
  }),
  key: byUser,
});

/** An API key must be refused from now on. */
export const apiKeyRevoked = defineEvent({
  type: 'dev.orion.apikey.revoked.v1',
  owner: 'user',
  description: 'An API key was revoked: it must be refused from now on.',
  schema: z.object({
    apiKeyId: apiKeyId(),
    userId: userId(),
    reason: code('Why, as a stable code, for example "requested", "leaked" or "user_deleted".'),
  }),
  key: byUser,
});

/** What becomes of API keys. */
export const apiKeyEvents = [apiKeyCreated, apiKeyRevoked] as const;

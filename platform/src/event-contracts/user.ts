import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { apiKeyEvents } from './api-key.js';
import { displayName, email, id, locale } from './fields.js';

const userId = () => id('Id of the user.');
const byUser = ({ userId: key }: { readonly userId: string }) => key;

/** A profile exists. */
export const userCreated = defineEvent({
  type: 'dev.orion.user.created.v1',
  owner: 'user',
  description: 'A user profile was created.',
  schema: z.object({ userId: userId(), displayName: displayName(), email: email(), locale: locale() }),
  key: byUser,
});

/** A profile changed. */
export const userUpdated = defineEvent({
  type: 'dev.orion.user.updated.v1',
  owner: 'user',
  description: 'A user profile was changed; the data is what it is afterwards.',
  schema: z.object({ userId: userId(), displayName: displayName(), locale: locale() }),
  key: byUser,
});

/** A profile is gone: whoever keeps data of this person deletes it. */
export const userDeleted = defineEvent({
  type: 'dev.orion.user.deleted.v1',
  owner: 'user',
  description: 'A user was deleted: data about this person must be deleted everywhere.',
  schema: z.object({ userId: userId() }),
  key: byUser,
});

const roleChange = z.object({
  userId: userId(),
  role: z.string().min(1).max(100).describe('Name of the role.'),
  permissions: z
    .array(z.string().min(1).max(200).describe('A permission, "resource:action:scope".'))
    .describe('All effective permissions of the user after the change.'),
  version: z
    .number()
    .int()
    .min(1)
    .describe('Rises with every change of permissions of this user; whoever has seen a higher one ignores the event.'),
});

/** A user has a role more. */
export const roleAssigned = defineEvent({
  type: 'dev.orion.role.assigned.v1',
  owner: 'user',
  description: 'A role was assigned to a user.',
  schema: roleChange,
  key: byUser,
});

/** A user has a role less. */
export const roleRevoked = defineEvent({
  type: 'dev.orion.role.revoked.v1',
  owner: 'user',
  description: 'A role was taken from a user.',
  schema: roleChange,
  key: byUser,
});

/** Everything that user publishes. */
export const userEvents = [userCreated, userUpdated, userDeleted, roleAssigned, roleRevoked, ...apiKeyEvents] as const;

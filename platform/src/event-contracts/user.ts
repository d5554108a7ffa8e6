import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { apiKeyEvents } from './api-key.js';
import { displayName, email, id, locale } from './fields.js';
import {
  userDeletionRequested,
  userExportReady,
  userExportRequested,
  userReactivated,
  userSuspended,
} from './person.js';

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

const permission = () => z.string().min(1).max(200).describe('A permission, "resource:action:scope".');
const endsAt = () => z.number().int().min(0);

/** What a user may do, all of it: whoever has it needs nothing else of this user. */
const access = {
  userId: userId(),
  permissions: z.array(permission()).describe('All effective permissions of the user after the change.'),
  version: z
    .number()
    .int()
    .min(1)
    .describe('Rises with every change of permissions of this user; whoever has seen a higher one ignores the event.'),
  level: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Level of the highest role of the user, 0 without one; absent when it is not told.'),
  expiries: z
    .record(z.string(), endsAt().describe('Seconds since the epoch.'))
    .optional()
    .describe('When permissions stop by themselves, by permission; those that are not named do not.'),
  rules: z
    .array(
      z.object({
        id: id('Id of the policy.'),
        effect: z
          .enum(['allow', 'deny'])
          .describe('Whether it gives or takes the permission. What is denied is denied.'),
        permission: permission(),
        condition: z.record(z.string(), z.unknown()).describe('When it applies: a tree of conditions on the request.'),
        expiresAt: endsAt().optional().describe('Seconds since the epoch after which it does not apply any more.'),
      }),
    )
    .optional()
    .describe('Policies that apply to the user, to be decided anew for each request.'),
};

const roleChange = z.object({ ...access, role: z.string().min(1).max(100).describe('Name of the role.') });

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

/** What a user may do is something else now, for another reason than that a role came or went. */
export const permissionsChanged = defineEvent({
  type: 'dev.orion.permissions.changed.v1',
  owner: 'user',
  description: 'What a user may do has changed: a role, a policy or a direct grant did, or one of them ended.',
  schema: z.object(access),
  key: byUser,
});

/** Everything that user publishes. */
export const userEvents = [
  userCreated,
  userUpdated,
  userDeleted,
  userSuspended,
  userReactivated,
  userDeletionRequested,
  userExportRequested,
  userExportReady,
  roleAssigned,
  roleRevoked,
  permissionsChanged,
  ...apiKeyEvents,
] as const;

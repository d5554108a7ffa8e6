import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import type { EventContract } from '../events/contracts/contract.js';
import { id, instant, serviceName } from './fields.js';

const userId = () => id('Id of the user.');
const byUser = ({ userId: key }: { readonly userId: string }) => key;

/** Nobody may act as this person until they are reactivated. */
export const userSuspended = defineEvent({
  type: 'dev.orion.user.suspended.v1',
  owner: 'user',
  description: 'A user was suspended: sessions and keys must stop working, and nobody can sign in.',
  schema: z.object({ userId: userId() }),
  key: byUser,
});

/** The person may sign in again. */
export const userReactivated = defineEvent({
  type: 'dev.orion.user.reactivated.v1',
  owner: 'user',
  description: 'A user who was suspended may sign in again.',
  schema: z.object({ userId: userId() }),
  key: byUser,
});

/** A person wants all that is known of them. */
export const userExportRequested = defineEvent({
  type: 'dev.orion.user.export_requested.v1',
  owner: 'user',
  description: 'A user wants a copy of their data: every service that keeps any answers with <service>.data_exported.',
  schema: z.object({ userId: userId(), exportId: id('Id of the export.') }),
  key: byUser,
});

/** All that was asked for is there. */
export const userExportReady = defineEvent({
  type: 'dev.orion.user.export_ready.v1',
  owner: 'user',
  description: 'The copy of the data of a user is complete: every service has told what it keeps.',
  schema: z.object({
    userId: userId(),
    exportId: id('Id of the export.'),
    expiresAt: instant('When the copy is deleted.'),
  }),
  key: byUser,
});

/** A person will be deleted, unless they change their mind. */
export const userDeletionRequested = defineEvent({
  type: 'dev.orion.user.deletion_requested.v1',
  owner: 'user',
  description:
    'A user asked to be deleted, and has some days to change their mind: they should know in case it was not them.',
  schema: z.object({ userId: userId(), dueAt: instant('When they are deleted.') }),
  key: byUser,
});

const piece = z.object({
  userId: userId(),
  exportId: id('Id of the export that this is a part of.'),
  service: serviceName(),
  index: z.number().int().min(0).describe('Place of this piece among those of the service, from 0.'),
  count: z.number().int().min(1).describe('How many pieces the service sends.'),
  piece: z.string().min(1).describe('Part of a JSON text, sealed with the platform key.'),
});
const byExport = ({ exportId }: { readonly exportId: string }) => exportId;

/** What one service knows of a person, in pieces. */
export type DataExported = EventContract<z.output<typeof piece>>;

export const authDataExported: DataExported = defineEvent({
  type: 'dev.orion.auth.data_exported.v1',
  owner: 'auth',
  description: 'What auth knows of a user who asked for a copy of their data.',
  schema: piece,
  key: byExport,
});

export const notificationDataExported: DataExported = defineEvent({
  type: 'dev.orion.notification.data_exported.v1',
  owner: 'notification',
  description: 'What notification knows of a user who asked for a copy of their data.',
  schema: piece,
  key: byExport,
});

export const analyticsDataExported: DataExported = defineEvent({
  type: 'dev.orion.analytics.data_exported.v1',
  owner: 'analytics',
  description: 'What analytics knows of a user who asked for a copy of their data.',
  schema: piece,
  key: byExport,
});

import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import type { EventContract } from '../events/contracts/contract.js';
import { id, serviceName } from './fields.js';

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

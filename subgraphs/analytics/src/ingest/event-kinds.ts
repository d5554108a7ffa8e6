import {
  analyticsDataExported,
  auditRecorded,
  authDataExported,
  deadLetterSettled,
  eventDeadLettered,
  eventsReplayed,
  jobDeadLettered,
  notificationDataExported,
  notificationDelivered,
  notificationFailed,
  notificationSent,
  reportReady,
  roleAssigned,
  roleRevoked,
  sessionRevoked,
  userCreated,
  userExportReady,
  userLogin,
  userReactivated,
  userRegistrationRepeated,
  userSuspended,
  userVerificationRequested,
} from '@orion/platform/event-contracts';
import { nameOfType } from './event-name.js';

/** Somebody signed in. */
export const LOGIN = nameOfType(userLogin.type);
/** A notification was on its way to somebody. */
export const NOTIFICATION_SENT = nameOfType(notificationSent.type);

/** What happens to a person without their doing: it does not make them active. */
const PASSIVE = [
  analyticsDataExported,
  auditRecorded,
  authDataExported,
  deadLetterSettled,
  eventDeadLettered,
  eventsReplayed,
  jobDeadLettered,
  notificationDataExported,
  notificationDelivered,
  notificationFailed,
  notificationSent,
  reportReady,
  roleAssigned,
  roleRevoked,
  sessionRevoked,
  userCreated,
  userExportReady,
  userRegistrationRepeated,
  userReactivated,
  userSuspended,
  userVerificationRequested,
].map(({ type }) => nameOfType(type));

/** SQL condition over the events table: somebody did it. The names are constants of the platform. */
export const IS_ACTIVITY = `name NOT IN (${PASSIVE.map((name) => `'${name}'`).join(', ')})`;

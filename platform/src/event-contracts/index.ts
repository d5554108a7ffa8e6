import type { EventContract } from '../events/contracts/contract.js';
import { analyticsEvents } from './analytics.js';
import { authEvents } from './auth.js';
import { notificationEvents } from './notification.js';
import { systemEvents } from './system.js';
import { userEvents } from './user.js';

export { reportReady, thresholdCrossed } from './analytics.js';
export { apiKeyCreated, apiKeyRevoked } from './api-key.js';
export { auditRecorded } from './audit.js';
export {
  securityEventRecorded,
  sessionRevoked,
  suspiciousActivityDetected,
  userAccountLocked,
  userEmailChanged,
  userEmailChangeRequested,
  userLogin,
  userLoginCodeRequested,
  userLogout,
  userPasswordReset,
  userPasswordResetRequested,
  userRegistered,
  userRegistrationRepeated,
  userVerificationRequested,
} from './auth.js';
export {
  deadLetterDiscardRequested,
  deadLetterEditRequested,
  deadLetterRedriveRequested,
  deadLetterSettled,
  eventDeadLettered,
} from './dead-letter.js';
export { jobDeadLettered } from './job.js';
export {
  notificationArchived,
  notificationDelivered,
  notificationFailed,
  notificationRead,
  notificationSent,
} from './notification.js';
export {
  analyticsDataExported,
  authDataExported,
  notificationDataExported,
  userDeletionRequested,
  userExportReady,
  userExportRequested,
  userReactivated,
  userSuspended,
} from './person.js';
export type { DataExported } from './person.js';
export { eventsReplayed, eventsReplayRequested } from './replay.js';
export { permissionsChanged, roleAssigned, roleRevoked, userCreated, userDeleted, userUpdated } from './user.js';

/** Every event of the platform: what consumers know, and what the published schemas are generated from. */
export const allEventContracts: readonly EventContract[] = [
  ...authEvents,
  ...userEvents,
  ...notificationEvents,
  ...analyticsEvents,
  ...systemEvents,
];

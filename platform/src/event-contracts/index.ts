import type { EventContract } from '../events/contract.js';
import { analyticsEvents } from './analytics.js';
import { authEvents } from './auth.js';
import { notificationEvents } from './notification.js';
import { systemEvents } from './system.js';
import { userEvents } from './user.js';

export { reportReady } from './analytics.js';
export {
  sessionRevoked,
  userLogin,
  userLogout,
  userPasswordReset,
  userRegistered,
  userRegistrationRepeated,
  userVerificationRequested,
} from './auth.js';
export {
  notificationArchived,
  notificationDelivered,
  notificationFailed,
  notificationRead,
  notificationSent,
} from './notification.js';
export { eventDeadLettered } from './system.js';
export { roleAssigned, roleRevoked, userCreated, userDeleted, userUpdated } from './user.js';

/** Every event of the platform: what consumers know, and what the published schemas are generated from. */
export const allEventContracts: readonly EventContract[] = [
  ...authEvents,
  ...userEvents,
  ...notificationEvents,
  ...analyticsEvents,
  ...systemEvents,
];

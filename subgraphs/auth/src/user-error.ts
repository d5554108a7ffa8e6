import { defineUserErrors } from '@orion/platform/errors';
import { adminErrors } from './admin/admin.errors.js';
import { emailChangeErrors } from './email-change/email-change.errors.js';
import { oauthErrors } from './oauth/oauth.errors.js';
import { passwordErrors } from './password/password.errors.js';
import { deviceErrors } from './device/device.errors.js';
import { mfaChallengeErrors } from './mfa-challenge/mfa-challenge.errors.js';
import { passkeyErrors } from './passkey/passkey.errors.js';
import { stepUpErrors } from './step-up/step-up.errors.js';
import { twoFactorErrors } from './two-factor/two-factor.errors.js';
import { registrationErrors } from './registration/registration.errors.js';
import { sessionErrors } from './session/session.errors.js';
import { signInErrors } from './sign-in/sign-in.errors.js';

/** The business errors of this subgraph: each feature's catalogue, joined. */
export const { UserError, userError } = defineUserErrors({
  ...adminErrors,
  ...oauthErrors,
  ...deviceErrors,
  ...mfaChallengeErrors,
  ...passkeyErrors,
  ...stepUpErrors,
  ...twoFactorErrors,
  ...registrationErrors,
  ...passwordErrors,
  ...emailChangeErrors,
  ...signInErrors,
  ...sessionErrors,
});
export type UserError = InstanceType<typeof UserError>;

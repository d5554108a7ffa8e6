import type { LoginOrigin } from '../sign-in/login-origin.js';

/** A refresh token as a client presents it. */
export interface PresentedToken extends LoginOrigin {
  readonly refreshToken: string;
  /** The secret of the device that it was given to, when the client sends it. */
  readonly deviceToken: string | null;
}

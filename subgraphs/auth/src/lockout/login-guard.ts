import { networkOf } from '@orion/platform/address';
import { rateLimited } from '@orion/platform/errors';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource } from 'typeorm';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import { createAttempts } from './attempts.js';
import type { AttemptResult } from './attempts.js';
import { LOGINS, lockAccount } from './lock-account.js';
import { suspectStuffing } from './suspect-stuffing.js';

const WINDOW_SECONDS = 15 * 60;
const DEVICES: RateLimit = { purpose: 'login-device', limit: 5, windowSeconds: WINDOW_SECONDS };

/** Who tries to sign in, as far as it is known before the password is. */
export interface LoginTry extends LoginOrigin {
  /** Canonical address; null for what is no address. */
  readonly email: string | null;
  /** A device that the owner of the account signed in on before; null for any other. */
  readonly deviceId: string | null;
}

/** Counts wrong passwords: of an address, whether or not it has an account, and of a network. */
export interface LoginGuard {
  /**
   * Runs `check`, which compares a password when `mayTry` is true and must take as long when it is not. A device that
   * the owner signed in on before has attempts of its own: nobody can lock them out from elsewhere. Throws RATE_LIMITED
   * when too many were wrong that came from the network.
   */
  run<T extends AttemptResult>(login: LoginTry, check: (mayTry: boolean) => Promise<T>): Promise<T>;
}

export function createLoginGuard(
  database: DataSource,
  { sealer, failuresPerNetwork }: { readonly sealer: Sealer; readonly failuresPerNetwork: number },
): LoginGuard {
  const addresses = createAttempts(database, { limit: LOGINS, afterSuccess: 'cleared' });
  const devices = createAttempts(database, { limit: DEVICES, afterSuccess: 'cleared' });
  const networks = createAttempts(database, {
    limit: { purpose: 'login-network', limit: failuresPerNetwork, windowSeconds: WINDOW_SECONDS },
    // Whoever has an account of their own must not get more attempts at others by signing in.
    afterSuccess: 'unused',
  });

  /** What is no address has no account either: the check is run for the time that it takes. */
  const ofAddress: LoginGuard['run'] = ({ email, ip, userAgent }, check) =>
    email === null
      ? check(false)
      : addresses.run(email, check, (manager) =>
          lockAccount(manager, { canonical: email, sealer, origin: { ip, userAgent } }),
        );

  return {
    run: (login, check) => {
      const { deviceId, ip, userAgent } = login;
      if (deviceId !== null) return devices.run(deviceId, check);
      if (ip === null) return ofAddress(login, check);
      const network = networkOf(ip);
      return networks.run(
        network,
        (mayTry) => (mayTry ? ofAddress(login, check) : Promise.reject(rateLimited(WINDOW_SECONDS))),
        (manager) => suspectStuffing(manager, { network, origin: { ip, userAgent }, windowSeconds: WINDOW_SECONDS }),
      );
    },
  };
}

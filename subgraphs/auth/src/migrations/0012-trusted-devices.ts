import { defineMigration } from '@orion/platform/database';

export const trustedDevices = defineMigration(
  12,
  'trusted-devices',
  `
  ALTER TABLE devices
    -- Operating system, from the User-Agent header.
    ADD COLUMN platform text,
    -- Until then no second factor is asked for on it.
    ADD COLUMN trusted_until timestamptz,
    -- Its secret is worth nothing any more.
    ADD COLUMN revoked_at timestamptz;
  `,
);

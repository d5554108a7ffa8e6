import { Secret, TOTP } from 'otpauth';

/** Purpose under which secrets are sealed at rest. */
export const TOTP_SEAL = 'totp-secret';

const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
const DIGITS = 6;
/** Steps before and after the present one that are taken, for clocks that differ (RFC 6238 section 5.2). */
const WINDOW = 1;

/** What every authenticator app understands. */
const PROFILE = { algorithm: 'SHA1', digits: DIGITS, period: PERIOD_SECONDS } as const;

/** 160 random bits, base32 (RFC 4226 section 4). */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** ASCII digits and nothing else: others are digits too, and no code. */
export const isTotpShaped = (code: string): boolean => /^[0-9]{6}$/.test(code);

/** Where an app reads everything from, usually as a QR code. */
export function otpauthUri({
  secret,
  issuer,
  label,
}: {
  readonly secret: string;
  readonly issuer: string;
  readonly label: string;
}): string {
  return new TOTP({ ...PROFILE, secret: Secret.fromBase32(secret), issuer, label }).toString();
}

/** The time step that the code is of, or null when it is of none that is taken now. */
export function stepOfCode(secret: string, code: string): number | null {
  if (!isTotpShaped(code)) return null;
  const timestamp = Date.now();
  const delta = TOTP.validate({
    ...PROFILE,
    secret: Secret.fromBase32(secret),
    token: code,
    timestamp,
    window: WINDOW,
  });
  return delta === null ? null : TOTP.counter({ period: PERIOD_SECONDS, timestamp }) + delta;
}

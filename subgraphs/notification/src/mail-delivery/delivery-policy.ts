import { SEND_LIMIT_MS } from './smtp-transport.js';

/** How hard to try. Times are in milliseconds. */
export interface DeliveryPolicy {
  /** Attempts before a mail has failed. */
  readonly maxAttempts: number;
  /** Wait after the first failure; it grows by `factor` up to `capMs`. */
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
  /** Whoever claims a mail and does not finish within this time loses it to others: their process died. */
  readonly leaseMs: number;
  /** How often to look for mails when there were none. */
  readonly pollMs: number;
  /** Mails in hand at once. */
  readonly inFlight: number;
}

/** Retries over about four hours: greylisting asks for minutes (RFC 6647), an outage for hours. */
export const DELIVERY_POLICY: DeliveryPolicy = {
  maxAttempts: 10,
  baseMs: 5_000,
  factor: 3,
  capMs: 3_600_000,
  leaseMs: 2 * SEND_LIMIT_MS,
  pollMs: 500,
  inFlight: 20,
};

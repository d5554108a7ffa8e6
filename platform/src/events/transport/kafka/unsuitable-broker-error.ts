/** The broker answers but can never work with this configuration: a mistake in it, not an outage. */
export class UnsuitableBrokerError extends Error {
  override readonly name = 'UnsuitableBrokerError';
}

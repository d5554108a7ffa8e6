/** Why a WebSocket is closed: 1xxx of RFC 6455, 4xxx of graphql-transport-ws and, for the slow client, our own. */
export const CLOSE = {
  goingAway: 1001,
  badRequest: 4400,
  forbidden: 4403,
  /** The client did not take its events as fast as they came. */
  tooSlow: 4008,
  internalError: 4500,
  /** Try again: the keys that would verify the token cannot be had right now. */
  tryAgainLater: 1013,
} as const;

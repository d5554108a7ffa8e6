/** Who is calling, as the gateway established it: a signed-in person, or a program that acts for one. */
export interface Viewer {
  /** `session` for an access token, `api-key` for a key: what a key may do is only what it was given. */
  readonly kind: 'session' | 'api-key';
  /** `User.id`, a UUID; of the impersonated user under impersonation. */
  readonly userId: string;
  /** `Session.id`, a UUID: a revoked session makes the token worthless. Of an API key its own id. */
  readonly sessionId: string;
  /** `User.id` of the administrator who impersonates the user and may only read; null when nobody does. */
  readonly impersonatorId: string | null;
  /** Permissions held for this request, `resource:action:scope` (scope own | team | any). */
  readonly permissions: readonly string[];
  /** Authentication methods (RFC 8176), for example `pwd`, `otp`. */
  readonly methods: readonly string[];
  /** Seconds since the epoch of the last interactive authentication; 0 for an API key. */
  readonly authenticatedAt: number;
}

/** What the gateway states about a request towards a subgraph. */
export interface RequestOrigin {
  /** Null for an anonymous request. */
  readonly viewer: Viewer | null;
  /** One id for the client's request, in every log line and error. */
  readonly requestId: string;
  /** One id for all requests of one undertaking of the client, when it names one; otherwise it is the request's. */
  readonly correlationId?: string;
  /** The client's address as the gateway saw it. */
  readonly clientIp: string | null;
  /** The client's User-Agent header, cut to 512 characters. */
  readonly userAgent: string | null;
}

/** True when the viewer holds the permission, for instance `notification:send:any`. */
export function holds(viewer: Viewer | null, permission: string): boolean {
  return viewer !== null && viewer.permissions.includes(permission);
}

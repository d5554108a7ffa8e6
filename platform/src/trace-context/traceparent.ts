/** Version 00, and the part of later versions that is promised to stay as it is. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const INVALID_VERSION = 'ff';
const ZEROS = /^0+$/;

/**
 * A `traceparent` header (https://www.w3.org/TR/trace-context/#traceparent-header) as version 00, null when there is
 * none or a malformed one: then the trace is as good as absent. The services write no spans of their own, so what
 * follows from a request names the span of its caller, which exists in the caller's traces.
 */
export function readTraceparent(header: string | undefined): string | null {
  const [, version, traceId = '', parentId = '', flags, more] = TRACEPARENT.exec(header ?? '') ?? [];
  if (version === undefined || version === INVALID_VERSION) return null;
  if (version === '00' && more !== undefined) return null;
  if (ZEROS.test(traceId) || ZEROS.test(parentId)) return null;
  return `00-${traceId}-${parentId}-${flags}`;
}

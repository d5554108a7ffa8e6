import type { Properties } from '../ingest/kept-properties.js';
import { TrackRejection } from './track.types.js';

const DEEPEST = 5;
const LARGEST_BYTES = 8 * 1024;
/** Names under which secrets and contact data hide. */
const SENSITIVE =
  /^ip$|ip_?addr|e-?mail|passw|passphrase|secret|token|authorization|cookie|credential|phone|credit_?card|card_?number|\bssn\b|\biban\b/i;

/** Properties without what must not be kept, or why they are not taken at all. */
export function trackedProperties(properties: unknown): Properties | TrackRejection {
  if (properties === undefined || properties === null) return {};
  if (typeof properties !== 'object' || Array.isArray(properties) || !isShallow(properties, DEEPEST)) {
    return TrackRejection.PROPERTIES_INVALID;
  }
  const kept = withoutSensitive(properties) as Properties;
  return Buffer.byteLength(JSON.stringify(kept)) > LARGEST_BYTES ? TrackRejection.PROPERTIES_TOO_LARGE : kept;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

function withoutSensitive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSensitive);
  if (typeof value !== 'object' || value === null) return value;
  // `e_mail`, `E-Mail` and `eMail` are one name.
  const kept = Object.entries(value).filter(
    ([key]) => !SENSITIVE.test(key) && !SENSITIVE.test(key.replaceAll(/[_-]/g, '')),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutSensitive(inner)]));
}

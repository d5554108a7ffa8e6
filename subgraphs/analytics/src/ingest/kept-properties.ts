import { isUuid } from '@orion/platform/ids';

/** Properties of an event as analytics keeps them. */
export type Properties = Readonly<Record<string, unknown>>;

/** These become columns. */
const COLUMNS = new Set(['userId', 'recipientId', 'requestedById', 'sessionId']);
/** Properties whose text is one of a few codes. */
const CODES = new Set([
  'action',
  'category',
  'channel',
  'eventType',
  'group',
  'locale',
  'method',
  'notificationType',
  'outcome',
  'priority',
  'provider',
  'reason',
  'role',
  'service',
  'status',
  'template',
]);
/** No blanks and no @: a sentence or an address that turns up where a code should be is not kept. */
const CODE = /^[A-Za-z0-9_.:-]{1,100}$/;

/**
 * What analytics keeps of the data of a platform event: numbers, booleans, ids and codes that are known to be harmless.
 * Everything else is left out, so that a property added to a contract later cannot bring personal data or secrets here.
 */
export function keptProperties(data: unknown): Properties {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(Object.entries(data).filter(([key, value]) => !COLUMNS.has(key) && isKept(key, value)));
}

function isKept(key: string, value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return true;
  if (typeof value !== 'string') return false;
  return key.endsWith('Id') ? isUuid(value) : CODES.has(key) && CODE.test(value);
}

import { isAddressRange } from '@orion/platform/access';
import type { EntityManager } from 'typeorm';
import { isFuture } from '../permission/grantable.js';
import { isImplicit } from '../permission/permission-key.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';

const LONGEST_NAME = 100;
const MOST_SCOPES = 100;
const MOST_RANGES = 20;

/** A key as somebody wants it. */
export interface ApiKeyDraft {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  readonly allowedIps: readonly string[];
}

/** Why a key cannot be like this; null when it can. `grantable` says what it may be given beside what is one's own. */
export async function faultOfDraft(
  manager: EntityManager,
  { name, scopes, expiresAt, allowedIps }: ApiKeyDraft,
  grantable: (permission: string) => boolean,
): Promise<UserError | null> {
  const length = [...name.trim()].length;
  if (length === 0 || length > LONGEST_NAME || /[\p{C}\p{Zl}\p{Zp}]/u.test(name))
    return userError('API_KEY_NAME_INVALID', ['input', 'name']);
  if (scopes.length > MOST_SCOPES || new Set(scopes).size !== scopes.length)
    return userError('SCOPES_INVALID', ['input', 'scopes']);
  if (!isFuture(expiresAt)) return userError('EXPIRY_INVALID', ['input', 'expiresAt']);
  const ranges = allowedIps.map((range) => range.length <= LONGEST_NAME && isAddressRange(range));
  if (ranges.length > MOST_RANGES || ranges.includes(false))
    return userError('ALLOWED_IPS_INVALID', ['input', 'allowedIps']);
  return faultOfScopes(manager, scopes, grantable);
}

async function faultOfScopes(
  manager: EntityManager,
  scopes: readonly string[],
  grantable: (permission: string) => boolean,
): Promise<UserError | null> {
  const rows: { readonly key: string }[] = await manager.query(
    'SELECT key FROM permissions WHERE key = ANY($1::text[])',
    [scopes],
  );
  const known = new Set(rows.map(({ key }) => key));
  const unknown = scopes.findIndex((scope) => !known.has(scope));
  if (unknown >= 0) return userError('PERMISSION_NOT_FOUND', ['input', 'scopes', String(unknown)]);
  const excessive = scopes.findIndex((scope) => !isImplicit(scope) && !grantable(scope));
  return excessive < 0 ? null : userError('SCOPE_NOT_HELD', ['input', 'scopes', String(excessive)]);
}

import { parsePermission } from './permission-key.js';
import type { UserAccess } from './permission.service.js';
import { PermissionSource } from './permission.types.js';
import type { EffectivePermission } from './permission.types.js';

/** What a user may do, as people want to see it, in order of the keys. */
export function describeAccess({ sources, grants }: UserAccess): EffectivePermission[] {
  const lasting = grants.permissions.map((key): EffectivePermission => {
    const end = grants.expiries[key];
    const expiresAt = end === undefined ? null : new Date(end * 1_000);
    const conditional = grants.rules.some(({ effect, permission }) => effect === 'deny' && permission === key);
    return { ...partsOf(key), source: sourceOf(sources, key), expiresAt, conditional };
  });
  const byPolicy = new Map<string, EffectivePermission>();
  for (const { effect, permission: key, expiresAt } of grants.rules) {
    if (effect !== 'allow' || grants.permissions.includes(key)) continue;
    const end = expiresAt === undefined ? null : new Date(expiresAt * 1_000);
    const other = byPolicy.get(key);
    const last = other === undefined ? end : laterOf(other.expiresAt, end);
    byPolicy.set(key, { ...partsOf(key), source: PermissionSource.POLICY, expiresAt: last, conditional: true });
  }
  return [...lasting, ...byPolicy.values()].toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

function sourceOf({ grants }: UserAccess['sources'], key: string): PermissionSource {
  const end = (expiresAt: Date | null): number => expiresAt?.getTime() ?? Infinity;
  const [longest] = grants
    .filter(({ permission }) => permission === key)
    .toSorted((one, other) => {
      const difference = end(one.expiresAt) === end(other.expiresAt) ? 0 : end(other.expiresAt) - end(one.expiresAt);
      return difference === 0 ? other.kind.localeCompare(one.kind) : difference;
    });
  return longest?.kind === 'DIRECT' ? PermissionSource.DIRECT : PermissionSource.ROLE;
}

function laterOf(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return null;
  return one > other ? one : other;
}

function partsOf(key: string): Pick<EffectivePermission, 'key' | 'resource' | 'action' | 'scope'> {
  const { resource = '', action = '', scope = '' } = parsePermission(key) ?? {};
  return { key, resource, action, scope };
}

/** Whose: the viewer's own, that of the viewer's team, or anybody's. */
export type PermissionScope = 'own' | 'team' | 'any';

/** A permission in its parts. */
export interface PermissionParts {
  readonly resource: string;
  readonly action: string;
  readonly scope: PermissionScope;
}

const LONGEST = 200;
const PERMISSION = /^([a-z][a-z0-9-]*):([a-z][a-z-]*):(own|team|any)$/;

/** Takes `resource:action:scope` apart; null when it is no permission. */
export function parsePermission(key: string): PermissionParts | null {
  const [, resource, action, scope] = key.length > LONGEST ? [] : (PERMISSION.exec(key) ?? []);
  if (resource === undefined || action === undefined || scope === undefined) return null;
  return { resource, action, scope: scope as PermissionScope };
}

/** The key of a permission; with another scope when one is given. */
export function permissionKey({ resource, action, scope }: PermissionParts, as: PermissionScope = scope): string {
  return `${resource}:${action}:${as}`;
}

/** True when everybody may do it already, with what is their own. */
export function isImplicit(key: string): boolean {
  return key.endsWith(':own');
}

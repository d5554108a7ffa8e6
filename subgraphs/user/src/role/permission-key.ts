import type { Permission } from './role.types.js';

/** Takes a permission key apart. */
export function describePermission(key: string): Permission {
  const [resource = '', action = '', scope = ''] = key.split(':');
  return { key, resource, action, scope };
}

import type { AccessRule } from '@orion/platform/access';

/** What somebody may do, as the user subgraph last announced it and as access tokens say it. */
export interface Grants {
  readonly permissions: readonly string[];
  readonly permissionsVersion: number;
  /** Epoch seconds at which a permission stops. */
  readonly permissionExpiries: Readonly<Record<string, number>>;
  readonly permissionRules: readonly AccessRule[];
}

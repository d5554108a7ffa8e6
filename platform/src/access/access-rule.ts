import { z } from 'zod';
import { conditionSchema } from './condition.js';
import type { Condition } from './condition.js';

/** A permission that is granted, or denied, while a condition holds. */
export interface AccessRule {
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  /** `resource:action:scope`; matched as it is. */
  readonly permission: string;
  readonly condition: Condition;
  /** Seconds since the epoch from which on the rule says nothing any more. */
  readonly expiresAt?: number | undefined;
}

/** All that decides what a user may do, at one version. */
export interface AccessGrants {
  /** Held whatever the circumstances, each until its expiry. */
  readonly permissions: readonly string[];
  /** For those permissions that end: seconds since the epoch from which on they are not held any more. */
  readonly expiries: Readonly<Record<string, number>>;
  readonly rules: readonly AccessRule[];
  /** Rises with every change; the higher one is the truth. */
  readonly version: number;
}

const epochSeconds = z.number().int().min(0);
const permission = z.string().min(1).max(200);

export const accessRuleSchema: z.ZodType<AccessRule> = z.object({
  id: z.string().min(1).max(200).describe('Id of the policy or grant that the rule comes from.'),
  effect: z.enum(['allow', 'deny']).describe('Deny wins over every allow.'),
  permission: permission.describe('A permission, "resource:action:scope".'),
  condition: conditionSchema.describe('When the rule applies, as JSON.'),
  expiresAt: epochSeconds
    .optional()
    .describe('Seconds since the epoch from which on the rule applies no more; absent when it does not end.'),
});

export const expiriesSchema: z.ZodType<Readonly<Record<string, number>>> = z
  .record(permission, epochSeconds)
  .describe('For permissions that end: seconds since the epoch from which on they are not held any more.');

export const accessGrantsSchema: z.ZodType<AccessGrants> = z.object({
  permissions: z.array(permission),
  expiries: expiriesSchema,
  rules: z.array(accessRuleSchema),
  version: z.number().int().min(0),
});

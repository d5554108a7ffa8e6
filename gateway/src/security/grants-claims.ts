import type { AccessRule, Condition } from '@orion/platform/access';
import { z } from 'zod';

/** A condition is judged when it is needed: one of a kind that is not known here opens nothing, and the rest counts. */
const rule: z.ZodType<AccessRule> = z.object({
  id: z.string(),
  effect: z.enum(['allow', 'deny']),
  permission: z.string(),
  condition: z.unknown().transform((condition) => condition as Condition),
  expiresAt: z.number().optional(),
});

const permissions = z.array(z.string()).default([]);
const expiries = z.record(z.string(), z.number()).default({});
const rules = z.array(rule).default([]);

/** Grants as events carry them. */
export const grantsSchema = z.object({ permissions, expiries, rules });

/** Grants as access tokens carry them. */
export const grantsClaims = { permissions, pv: z.number().int().default(0), pexp: expiries, prules: rules };

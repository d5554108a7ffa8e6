export { accessGrantsSchema, accessRuleSchema, expiriesSchema } from './access-rule.js';
export { isAddressRange, isInRanges } from './address-range.js';
export type { AccessGrants, AccessRule } from './access-rule.js';
export { CONDITION_DEPTH, CONDITION_NODES, conditionSchema } from './condition.js';
export type { Condition, TimeWindow } from './condition.js';
export { permissionsNow } from './permissions-now.js';
export type { Circumstances } from './permissions-now.js';

export { createConditionLog } from './condition-log.js';
export type { ConditionLog } from './condition-log.js';
export { createLogger } from './log.js';
export type { Logger } from './log.js';

export { createConditionLog } from '../log/index.js';
export type { ConditionLog } from '../log/index.js';

export { createLogger } from './log.js';
export type { Logger } from './log.js';

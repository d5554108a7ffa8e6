export { commandOf, isAlive, isSameProcess, processIdentity } from './process-info.js';
export type { ProcessIdentity } from './process-info.js';

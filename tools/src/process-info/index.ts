export { commandOf, isAlive, isSameProcess, parentOf, processIdentity } from './process-info.js';
export type { ProcessIdentity } from './process-info.js';

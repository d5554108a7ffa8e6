export { createSealer, SealBrokenError } from './sealing.js';
export type { Sealer } from './sealing.js';

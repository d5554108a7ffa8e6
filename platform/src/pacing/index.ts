export { backoffDelay } from './backoff.js';
export type { BackoffOptions } from './backoff.js';
export { createWakeUp } from './wake-up.js';
export type { WakeUp } from './wake-up.js';

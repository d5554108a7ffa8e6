export { runService } from './run-service.js';
export type { RunningService } from './run-service.js';

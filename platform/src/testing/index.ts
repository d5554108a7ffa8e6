export { eventually } from './eventually.js';
export { openTestBus } from './test-bus.js';
export type { TestBus } from './test-bus.js';
export { createTestDatabase } from './test-database.js';
export type { TestDatabase } from './test-database.js';
export { startTestSubgraph, testViewer } from './test-subgraph.js';
export type { TestAnswer, TestSubgraph } from './test-subgraph.js';

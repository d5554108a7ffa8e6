export { createSubgraph } from './create-subgraph.js';
export type { CreatedSubgraph } from './create-subgraph.js';

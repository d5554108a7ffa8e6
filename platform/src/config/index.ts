export { ConfigError, loadConfig } from './load-config.js';
export { subgraphConfigSchema } from './subgraph-config.js';
export type { SharedSubgraphConfig } from './subgraph-config.js';
export { portVariable, variables } from './variables.js';

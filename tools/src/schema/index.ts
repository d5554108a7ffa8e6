export { composeSubgraphs } from './supergraph.js';
export type { SubgraphSdl, Supergraph } from './supergraph.js';
export { checkSchema } from './check-schema.js';
export type { CheckOptions, SchemaCheck } from './check-schema.js';
export type { Finding } from './finding.js';
export { readRoverConfig, ROVER_FILE } from './rover-config.js';
export type { RoverSubgraph } from './rover-config.js';
export { writeSchema } from './write-schema.js';
export type { WrittenSchema } from './write-schema.js';

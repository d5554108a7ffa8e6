import 'reflect-metadata';

export { Auth, Authenticated, Impersonated, Interactive, Public, STEP_UP_SECONDS } from './auth-directive.js';
export type { AuthOptions } from './auth-directive.js';
export { buildFederatedSchema, printSubgraphSdl } from './build-schema.js';
export { defineSubgraph } from './define-subgraph.js';
export type {
  Assembly,
  Class,
  PublicFile,
  ReferenceResolver,
  Resources,
  SubgraphDefinition,
} from './define-subgraph.js';
export type { Owners } from './enforce-auth.js';
export { checkAccess } from './check-access.js';
export type { FieldGuard } from './check-access.js';
export { runSubgraph, startSubgraph } from './start-subgraph.js';
export { viewerOf } from './subgraph-context.js';
export type { SubgraphContext } from './subgraph-context.js';

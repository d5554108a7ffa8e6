export { DEMO_ACCOUNTS, DEMO_PASSWORD, DEMO_PEOPLE } from './demo-accounts.js';
export type { Platform, PlatformEvent, PlatformOptions } from './platform.js';
export { fixedPorts } from './ports.js';
export { startPlatform } from './start-platform.js';
export { superviseService } from './service-process.js';
export type { ServiceEvent, ServiceProcess, ServiceSpec } from './service-process.js';
export { listSubgraphs } from './subgraph-catalog.js';
export type { CataloguedSubgraph } from './subgraph-catalog.js';

export { isBlockedPort } from './blocked-ports.js';
export { findFreeBlock, freePort, isPortFree } from './free-port.js';
export { describeHolder, portHolder } from './port-holder.js';
export type { PortHolder } from './port-holder.js';

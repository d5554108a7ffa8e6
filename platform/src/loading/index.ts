export { createLoaders } from './loaders.js';
export type { BatchLoad, Loaders } from './loaders.js';
export { loadById } from './load-by-id.js';

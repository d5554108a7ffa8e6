export { createConnectionType, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, PageArgs, PageInfo } from './connection.js';
export type { Connection } from './connection.js';
export { loadPages } from './load-pages.js';
export type { OwnedPageRequest } from './load-pages.js';
export { pageRequest, toConnection } from './page.js';
export type { PageRequest } from './page.js';

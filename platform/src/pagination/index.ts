export { createConnectionType, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, PageArgs, PageInfo } from './connection.js';
export type { Connection } from './connection.js';
export { loadPages } from './load-pages.js';
export type { OwnedPageRequest } from './load-pages.js';
export { OrderDirection } from './order-direction.js';
export { loadOrderedPage } from './ordered-page.js';
export type { OrderedPageOptions } from './ordered-page.js';
export { pageRequest, toConnection } from './page.js';
export type { PageRequest } from './page.js';

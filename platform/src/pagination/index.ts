export { createConditions } from './conditions.js';
export type { Conditions } from './conditions.js';
export {
  createConnectionType,
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  PageArgs,
  PageInfo,
  TwoWayPageArgs,
} from './connection.js';
export type { Connection } from './connection.js';
export { createCursorSigner } from './cursor.js';
export type { CursorPosition, CursorSigner, ListCursors, ListIdentity } from './cursor.js';
export { loadPages } from './load-pages.js';
export type { OwnedPageRequest } from './load-pages.js';
export { OrderDirection } from './order-direction.js';
export { FEW, loadOrderedPage } from './ordered-page.js';
export type { OrderedPageOptions } from './ordered-page.js';
export { connectionOf, pageRequest, toConnection, twoWayPageRequest } from './page.js';
export type { PageContext, PageRequest } from './page.js';

export { buildPage } from './build-page.js';
export { graphiqlFolder, openGraphiql } from './graphiql.js';
export type { ServedGraphiql } from './graphiql.js';
export { bundleFolder, isUpToDate } from './page-source.js';
export type { PageSource } from './page-source.js';
export { publishNotice, publishPage } from './served-page.js';

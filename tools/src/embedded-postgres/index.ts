export { startEmbeddedPostgres } from './cluster.js';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './cluster.js';
export { folderProblem, makeFolder } from './data-folder.js';
export { startThrowAwayPostgres } from './throw-away.js';

export { afterCommit } from './after-commit.js';
export { createGroupCommit } from './group-commit.js';
export { lockKey } from './lock-key.js';
export { defineMigration } from './migration.js';
export type { Migration } from './migration.js';
export { openDatabase } from './open-database.js';
export type { DatabaseOptions } from './open-database.js';
export { camelCaseKeys, SnakeNamingStrategy } from './snake-naming-strategy.js';
export { countStatements } from './statement-count.js';

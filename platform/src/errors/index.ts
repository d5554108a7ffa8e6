export { badUserInput, forbidden, rateLimited, stepUpRequired, unauthenticated } from './errors.js';
export type { ErrorCode } from './errors.js';
export { formatError } from './format-error.js';
export { defineUserErrors } from './user-error.js';
export type { UserErrorCatalogue, UserErrorShape } from './user-error.js';

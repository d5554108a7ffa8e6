export { LONGEST_ACCESS_TOKEN_SECONDS } from './longest-access-token.js';
export { CONTEXT_HEADER, ContextRefusedError, signContext, verifyContext } from './signed-context.js';
export { holds } from './viewer.js';
export type { RequestOrigin, Viewer } from './viewer.js';

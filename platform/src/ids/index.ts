export { isUuid } from './is-uuid.js';
export { uuidv7, uuidv7Time } from './uuid-v7.js';

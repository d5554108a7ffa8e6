export { readTraceparent } from './traceparent.js';

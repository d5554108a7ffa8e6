export { addressOf, networkOf } from './network-of.js';

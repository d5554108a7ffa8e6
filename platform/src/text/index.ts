export { isDisplayName } from './display-name.js';

export { Problem, errorCode, errorText } from './problem.js';

export { canonicalJson } from './canonical-json.js';
export { isStorableJson, storableJson, storableText } from './storable-json.js';

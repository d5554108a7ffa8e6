export { answerExports, openPieces, sealPieces } from './pieces.js';
export { readPersonalData } from './personal-data.js';
export type { PersonalTable } from './personal-data.js';

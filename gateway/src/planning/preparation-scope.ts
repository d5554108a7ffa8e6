import type { EngineScope } from '../execution/compile-operation.js';
import type { Authorization } from '../security/authorization.js';
import type { Generation } from './generations.js';

/** A generation with what executing on it takes. */
export interface PreparationScope {
  readonly generation: Generation;
  readonly engine: EngineScope;
  readonly authorization: Authorization;
}

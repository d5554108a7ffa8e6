import { EXPLAIN_HEADER } from '../execution/explain-plan.js';
import type { Stage } from '../stage.js';

const RESERVED = 'x-orion-';

/** `x-orion-*` is how the gateway speaks to subgraphs; from a client it can only be a forgery, or a developer's question. */
export const dropReservedHeaders: Stage = ({ headers }, { settings }) => {
  for (const name of headers.keys()) {
    if (name.startsWith(RESERVED) && (settings.production || name !== EXPLAIN_HEADER)) headers.delete(name);
  }
  return undefined;
};

import type { Stage } from '../stage.js';

const RESERVED = 'x-orion-';

/** `x-orion-*` is how the gateway speaks to subgraphs; from a client it can only be a forgery. */
export const dropReservedHeaders: Stage = ({ headers }) => {
  for (const name of [...headers.keys()]) if (name.startsWith(RESERVED)) headers.delete(name);
  return undefined;
};

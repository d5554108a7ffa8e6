import type { Stage } from '../../stage.js';

/** Fills in the text of a document that the client only named, and refuses one that it may not send. */
export const resolveDocument: Stage = (exchange, { documents }) => {
  if (exchange.operation !== null) exchange.operation = documents.resolve(exchange.operation);
  return undefined;
};

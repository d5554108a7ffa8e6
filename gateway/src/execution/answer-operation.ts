import type { Stage } from '../stage.js';
import { requireReady } from '../http/require-graphql.js';

/** The last stage: a query or mutation, executed and answered. */
export const answerOperation: Stage = (exchange, parts) => {
  const state = parts.state();
  return state.phase === 'ready' ? state.operations.answer(exchange) : requireReady(exchange, parts);
};

import type { FormattedExecutionResult } from 'graphql';
import type { Exchange, OperationRequest, Reply } from '../http/exchange.js';
import type { Caller } from '../security/caller.js';

/** Executes queries and mutations; errors come back presented, as clients may see them. */
export interface Operations {
  /** Over HTTP, with its content negotiation and status codes. */
  answer(exchange: Exchange): Promise<Reply>;
  /** Over a WebSocket or an event stream. */
  execute(request: OperationRequest, caller: Caller): Promise<FormattedExecutionResult>;
}

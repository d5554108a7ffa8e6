import type { OperationRequest } from '../http/exchange.js';
import { Refusal } from '../http/refusal.js';
import type { Parts } from '../stage.js';
import type { Caller } from './caller.js';
import { DEEPEST_NESTING, isDeeperThan } from './nesting.js';

const TOO_DEEP = new Refusal({
  status: 400,
  code: 'BAD_REQUEST',
  message: `\`variables\` and \`extensions\` may be nested ${DEEPEST_NESTING} levels deep.`,
});

/**
 * What the stages of the table check of a request, for an operation that comes over an open socket: the rate limits,
 * that its variables are not too deep, and that its document is known and allowed. Answers with the operation to run.
 */
export async function admitOperation(
  request: OperationRequest,
  caller: Caller,
  { rateLimits, documents, metrics }: Pick<Parts, 'rateLimits' | 'documents' | 'metrics'>,
): Promise<OperationRequest | Refusal> {
  try {
    const refusal = await rateLimits.admit(caller);
    if (refusal !== undefined) throw refusal;
    if (isDeeperThan(request.variables, DEEPEST_NESTING) || isDeeperThan(request.extensions, DEEPEST_NESTING))
      throw TOO_DEEP;
    return documents.resolve(request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    metrics.refused(error.code);
    return error;
  }
}

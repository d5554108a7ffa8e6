import type { Exchange } from '../http/exchange.js';
import type { ExecutableOperation } from './executable.js';

/** `x-orion-explain: plan` asks for the query plan beside the answer. Production does not know it. */
export const EXPLAIN_HEADER = 'x-orion-explain';

/** The header is only there outside production (http/drop-reserved-headers.ts). */
export function asksForPlan({ headers }: Exchange): boolean {
  return headers.get(EXPLAIN_HEADER) === 'plan';
}

/** The response with the plan, as the planner made it, in `extensions.queryPlan`; null when no subgraph is asked. */
export function withPlan(text: string, { plan }: ExecutableOperation): string {
  return `${text.slice(0, -1)},"extensions":{"queryPlan":${JSON.stringify(plan ?? null)}}}`;
}

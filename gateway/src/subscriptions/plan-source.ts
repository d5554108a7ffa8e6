import type { ExecutableSubscription } from '../execution/executable.js';
import { identityOf } from '../security/caller.js';
import type { Caller } from '../security/caller.js';
import type { PreparedSubscription } from './prepared-subscription.js';
import type { SourcePlan } from './source.js';
import { stableJson } from './stable-json.js';

const numbers = new WeakMap<ExecutableSubscription, number>();
let count = 0;

/** How a subscription is served: what it opens at which subgraph, and with whom it shares that. */
export function planSource(
  { request, variables, executable }: PreparedSubscription,
  caller: Caller,
  urlOf: (subgraph: string) => string,
): SourcePlan {
  const { primary } = executable;
  const identity = identityOf(caller);
  const subgraph = { name: primary.subgraph, url: urlOf(primary.subgraph) };
  const sent = request.variables ?? {};
  const streamVariables = Object.fromEntries(
    primary.variableNames.filter((name) => Object.hasOwn(sent, name)).map((name) => [name, sent[name]]),
  );
  return {
    key: `${numberOf(executable)} ${stableJson(variables)} ${identity}`,
    executable,
    stream: {
      key: JSON.stringify([subgraph.name, subgraph.url, primary.text, stableJson(streamVariables), identity]),
      subgraph,
      operation: { query: primary.text, operationName: primary.operationName, variables: streamVariables },
      caller,
    },
  };
}

/** Equal operations on one generation have one executable. */
function numberOf(executable: ExecutableSubscription): number {
  const known = numbers.get(executable);
  if (known !== undefined) return known;
  count += 1;
  numbers.set(executable, count);
  return count;
}

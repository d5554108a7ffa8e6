import { parentPort } from 'node:worker_threads';
import type { FromPlannerThread, ToPlannerThread } from './planner-messages.js';
import { PlanningError } from './planning-error.js';
import { loadSupergraphPlanner } from './supergraph-planner.js';
import type { SupergraphPlanner } from './supergraph-planner.js';

/** The entry of a planner's thread: loads one supergraph, then plans one operation after the other. */
if (parentPort === null) throw new Error('this file is started as a thread');
const port = parentPort;
let planner: SupergraphPlanner | undefined;

port.on('message', (message: ToPlannerThread) => port.postMessage(answer(message)));

function answer(message: ToPlannerThread): FromPlannerThread {
  try {
    if (message.kind === 'load') {
      planner = loadSupergraphPlanner(message.sdl);
      return { kind: 'loaded', facts: planner.facts };
    }
    if (planner === undefined) throw new Error('asked for a plan before a supergraph was loaded');
    return { kind: 'planned', operation: planner.plan(message.request) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', failure: error instanceof PlanningError ? error.failure : 'invalid', message: text };
  }
}

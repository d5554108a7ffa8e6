import { runSubgraph } from '@orion/platform/subgraph';
import { subgraph } from './subgraph.js';

await runSubgraph(subgraph);

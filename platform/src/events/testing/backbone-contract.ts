import { jest } from '@jest/globals';
import { describeEffects } from './backbone-contract-effects.js';
import { describeFailures } from './backbone-contract-failures.js';
import { describeOperations } from './backbone-contract-operations.js';
import { describeReplays } from './backbone-contract-replays.js';
import { describeRetries } from './backbone-contract-retries.js';
import { openBackboneTestBench } from './backbone-test-bench.js';
import type { BackboneTestBench } from './backbone-test-bench.js';
import type { EventTestBed } from './event-test-bed.js';

/** What the backbone promises over every log. `addressOf` names the log, see `openTransport`. */
export function describeBackboneContract(name: string, addressOf: (bed: EventTestBed) => string): void {
  jest.setTimeout(120_000);
  describe(`backbone contract: ${name}`, () => {
    let bench: BackboneTestBench;
    beforeAll(async () => {
      bench = await openBackboneTestBench(addressOf);
    });
    afterEach(() => bench.reset());
    afterAll(() => bench.close());

    describeEffects(() => bench);
    describeRetries(() => bench);
    describeFailures(() => bench);
    describeOperations(() => bench);
    describeReplays(() => bench);
  });
}

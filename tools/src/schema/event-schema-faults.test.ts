import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { eventSchemaFaults } from './event-schema-faults.js';
import { dataOf } from './json-data-samples.js';
import { anyEdit } from './json-schema-samples.js';
import type { JsonSchema } from './json-schema.js';

const compiled = (schema: JsonSchema): ValidateFunction =>
  new Ajv2020({ strict: false, logger: false }).compile(schema);

describe('a change of an event schema without a fault', () => {
  it('leaves what could be published readable, old events to new readers and new ones to old', () => {
    const seen = { pairs: 0, harmless: 0, accepted: 0 };
    fc.assert(
      fc.property(anyEdit(), fc.integer(), ([before, after], seed) => {
        seen.pairs += 1;
        if (eventSchemaFaults(before, after).length > 0) return;
        seen.harmless += 1;
        const [old, young] = [compiled(before), compiled(after)];
        for (const data of fc.sample(dataOf(before, before), { numRuns: 20, seed })) {
          if (!old(data)) continue;
          seen.accepted += 1;
          if (!young(data)) throw new Error(`old event refused by the new schema: ${JSON.stringify(data)}`);
        }
        for (const data of fc.sample(dataOf(after, after), { numRuns: 20, seed })) {
          if (young(data) && !old(data))
            throw new Error(`new event refused by the old schema: ${JSON.stringify(data)}`);
        }
      }),
      { numRuns: 400 },
    );
    // Else it would show nothing.
    expect(seen.harmless).toBeGreaterThan(seen.pairs / 10);
    expect(seen.accepted).toBeGreaterThan(seen.harmless * 5);
  }, 120_000);
});

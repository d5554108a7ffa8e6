import { generateOperations } from './differential/generate-operation.js';
import { railwayData, RAILWAY } from './differential/graph.js';
import { createRandom } from './differential/random.js';
import { shrink } from './differential/shrink.js';
import { askGateway, askWhole, check, nullPlaces, withoutCauses } from './harness/answers.js';
import type { Variables } from './harness/answers.js';
import { useFederatedGraph } from './harness/federated-graph.js';

/** The same seed makes the same operations; another one, others. */
const SEED = Number(process.env['ORION_SEED'] ?? 1);
const OPERATIONS = Number(process.env['ORION_DIFFERENTIAL_OPERATIONS'] ?? 10_000);
/**
 * A document with variables runs with so many sets of them, another one once: planning is what takes long, and each set
 * takes other ways through the plan.
 */
const VARIABLE_SETS = 8;
/** Operations under way at once. */
const WIDTH = 16;

/** After so many differences the rest would tell nothing new. */
const MOST_FAILURES = 5;

interface Operation {
  readonly query: string;
  readonly variables: Variables;
}

describe('generated operations', () => {
  const graph = useFederatedGraph({ subgraphs: RAILWAY, data: railwayData });

  const compare = async ({ query, variables }: Operation) => {
    const [whole, gateway] = await Promise.all([
      askWhole(graph(), query, variables),
      askGateway(graph(), query, variables),
    ]);
    const expected = { data: whole.data, places: nullPlaces(whole) };
    const got = { data: gateway.data, places: nullPlaces(withoutCauses(gateway)) };
    return { isSame: JSON.stringify(expected) === JSON.stringify(got), expected, got, errors: gateway.errors };
  };

  const report = async ({ query, variables }: Operation): Promise<string> => {
    const smallest = await shrink(
      graph().whole,
      query,
      async (text) => !(await compare({ query: text, variables })).isSame,
    );
    const { expected, got, errors } = await compare({ query: smallest, variables });
    return [
      `seed ${SEED}`,
      smallest,
      `variables ${JSON.stringify(variables)}`,
      `expected ${JSON.stringify(expected)}`,
      `got      ${JSON.stringify(got)}`,
      ...errors.map(({ message, path }) => `  ${JSON.stringify(path)} ${message}`),
    ].join('\n');
  };

  /** What is to be asked, without end. */
  function* operations(): Generator<Operation, never> {
    const random = createRandom(SEED);
    for (const { query, hasVariables, variables } of generateOperations(graph().whole, random)) {
      if ('errors' in check(graph(), query)) continue;
      for (let set = 0; set < (hasVariables ? VARIABLE_SETS : 1); set += 1)
        yield { query, variables: variables(random) };
    }
    throw new Error('there is always another operation');
  }

  test(`${OPERATIONS} of them are answered as one schema answers them (ORION_SEED=${SEED})`, async () => {
    const source = operations();
    const failures: Operation[] = [];
    const documents = new Set<string>();
    let started = 0;
    const work = async (): Promise<void> => {
      while (started < OPERATIONS && failures.length < MOST_FAILURES) {
        started += 1;
        const { value } = source.next();
        documents.add(value.query);
        if (!(await compare(value)).isSame) failures.push(value);
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, work));
    const reports = await Promise.all(failures.map(report));
    expect(reports.join('\n\n')).toBe('');
    expect(documents.size).toBeGreaterThan(OPERATIONS / VARIABLE_SETS / 2);
  }, 600_000);
});

import { askGateway, askWhole, nullPlaces } from './answers.js';
import type { ComparableAnswer, Variables } from './answers.js';
import type { FederatedGraph } from './federated-graph.js';

/** The gateway answers as one schema over the same data does, and neither has errors. Gives the data. */
export async function expectSame(
  graph: FederatedGraph,
  query: string,
  variables?: Variables,
): Promise<Readonly<Record<string, unknown>>> {
  const { errors, data } = await expectSameAnswer(graph, query, variables);
  expect(errors).toEqual([]);
  return JSON.parse(data ?? 'null') as Readonly<Record<string, unknown>>;
}

/** The same, with errors: they stand at the same places, and `data` is equal to the byte. Gives the gateway's answer. */
export async function expectSameAnswer(
  graph: FederatedGraph,
  query: string,
  variables?: Variables,
): Promise<ComparableAnswer> {
  const [expected, answer] = await Promise.all([
    askWhole(graph, query, variables),
    askGateway(graph, query, variables),
  ]);
  const seen = { query, variables, errors: answer.errors.map(describe) };
  expect({ ...seen, data: answer.data, places: nullPlaces(answer) }).toEqual({
    ...seen,
    data: expected.data,
    places: nullPlaces(expected),
  });
  return answer;
}

const describe = ({ message, path }: ComparableAnswer['errors'][number]): string =>
  `${JSON.stringify(path ?? null)} ${message}`;

import type { SubgraphAddress, SubgraphAnswer, SubgraphErrorJson } from '../execution/subgraph-call.js';
import { answerIn, errorsIn, readAnswer } from '../execution/transport/read-answer.js';
import { TransportFailure } from '../execution/transport/transport-failure.js';

/** The event in JSON text. What is no GraphQL response becomes an event with an error that says so. */
export function eventInText(text: string, subgraph: SubgraphAddress): SubgraphAnswer {
  return eventOr(subgraph, () => readAnswer({ status: 200, text }));
}

/** The event that is parsed already. What is no GraphQL response becomes an event with an error that says so. */
export function eventIn(value: unknown, subgraph: SubgraphAddress): SubgraphAnswer {
  return eventOr(subgraph, () => answerIn(value, 200));
}

/** Why a subgraph ends a stream, at least one error. What is no list of errors becomes one that says so. */
export function refusalIn(value: unknown, subgraph: SubgraphAddress): readonly SubgraphErrorJson[] {
  const errors = errorsIn(value);
  if (errors !== undefined && errors.length > 0) return errors;
  return [malformed(subgraph, 'ended its event stream with errors that are no GraphQL errors')];
}

/** What a subgraph has sent, in words, as an error of the stream. */
export function malformed({ name }: SubgraphAddress, what: string): SubgraphErrorJson {
  return {
    message: `The subgraph "${name}" ${what}.`,
    extensions: { code: 'SUBREQUEST_MALFORMED', serviceName: name },
  };
}

function eventOr(subgraph: SubgraphAddress, read: () => SubgraphAnswer): SubgraphAnswer {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
    return { errors: [malformed(subgraph, 'sent an event that is no GraphQL response')] };
  }
}

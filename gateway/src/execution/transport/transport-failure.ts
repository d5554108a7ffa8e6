import { GraphQLError } from 'graphql';

/** What can go wrong between the gateway and a subgraph, as `extensions.code`. */
export type SubrequestCode =
  | 'SUBREQUEST_TIMEOUT'
  | 'SUBREQUEST_HTTP_ERROR'
  | 'SUBREQUEST_MALFORMED'
  | 'SUBREQUEST_TOO_LARGE'
  | 'SUBREQUEST_CIRCUIT_OPEN';

interface FailureDetails {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number | undefined;
  readonly isUnsent?: boolean;
}

/** Why no usable answer came, without the subgraph's name: the same for all who wait for it. */
export class TransportFailure extends Error {
  readonly code: SubrequestCode;
  /** Seconds until trying again makes sense, when somebody said so. */
  readonly retryAfterSeconds: number | undefined;
  /** The request never had a chance to leave, which says nothing about the subgraph. */
  readonly isUnsent: boolean;

  constructor(code: SubrequestCode, reason: string, { cause, retryAfterSeconds, isUnsent }: FailureDetails = {}) {
    super(reason, cause === undefined ? undefined : { cause });
    this.name = 'TransportFailure';
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.isUnsent = isUnsent ?? false;
  }
}

/** The failure as an error of the operation, naming the subgraph. */
export function subrequestError(subgraph: string, failure: TransportFailure): GraphQLError {
  const { code, retryAfterSeconds } = failure;
  return new GraphQLError(`The subgraph "${subgraph}" could not be asked: ${failure.message}.`, {
    extensions: {
      code,
      serviceName: subgraph,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
    originalError: failure,
  });
}

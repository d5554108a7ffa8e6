import { GraphQLError } from 'graphql';

/** A request that is answered without executing anything; the message tells the client what to do instead. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor({
    status,
    code,
    message,
    headers = {},
    cause,
  }: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly cause?: unknown;
  }) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  /** The same refusal where there is no HTTP status, on a WebSocket or an open stream. */
  toGraphQLError(): GraphQLError {
    return new GraphQLError(this.message, { extensions: { code: this.code } });
  }
}

import type { SubgraphAnswer, SubgraphErrorJson } from '../subgraph-call.js';
import { TransportFailure } from './transport-failure.js';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A response's status and body, decoded. */
export interface AnswerText {
  readonly status: number;
  readonly text: string;
  /** SQL statements that the answer took, when the subgraph tells. */
  readonly sqlStatements: number | undefined;
  /** Parsed, for all who do not change it; undefined until the first of them asks. */
  shared?: SubgraphAnswer;
}

/**
 * The GraphQL response in the text, parsed anew at every call: whoever asks owns it. GraphQL errors are passed on
 * whatever the status, because they say more than it does. Throws {@link TransportFailure} for what is no response
 * (https://spec.graphql.org/October2021/#sec-Response-Format).
 */
export function readAnswer({ status, text }: Pick<AnswerText, 'status' | 'text'>): SubgraphAnswer {
  return answerIn(parse(text, status), status);
}

/** The same for a response that is parsed already; 200 where there is no status. */
export function answerIn(value: unknown, status: number): SubgraphAnswer {
  if (!isObject(value)) throw notGraphql(status, 'is no object');
  const { data, errors, extensions } = value;
  if (data === undefined && !isGiven(errors)) throw notGraphql(status, 'has neither data nor errors');
  if (isGiven(data) && !isObject(data)) throw notGraphql(status, 'has data that is no object');
  const answer: Writable<SubgraphAnswer> = {};
  if (data !== undefined) answer.data = data;
  if (isGiven(errors)) {
    const read = errorsIn(errors);
    if (read === undefined) throw notGraphql(status, 'has errors that are no objects');
    answer.errors = read;
  }
  if (status >= 300 && (answer.errors?.length ?? 0) === 0) throw httpError(status);
  if (isObject(extensions)) answer.extensions = extensions;
  return answer;
}

/** The list of errors; undefined for what is none. */
export function errorsIn(value: unknown): readonly SubgraphErrorJson[] | undefined {
  return Array.isArray(value) && value.every(isObject) ? value.map(readError) : undefined;
}

/** What has the wrong type is left out; `locations` mean nothing outside the request to the subgraph. */
function readError({ message, path, extensions }: Record<string, unknown>): SubgraphErrorJson {
  return {
    ...(typeof message === 'string' ? { message } : {}),
    ...(Array.isArray(path) && path.every(isStep) ? { path } : {}),
    ...(isObject(extensions) ? { extensions } : {}),
  };
}

function isStep(step: unknown): step is string | number {
  return typeof step === 'string' || typeof step === 'number';
}

/** The failure that a status stands for when nothing in the body explains it. */
function httpError(status: number): TransportFailure {
  const remark = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return new TransportFailure('SUBREQUEST_HTTP_ERROR', `HTTP ${status}${remark}`);
}

function notGraphql(status: number, what: string): TransportFailure {
  return status >= 300
    ? httpError(status)
    : new TransportFailure('SUBREQUEST_MALFORMED', `HTTP ${status} with an answer that ${what}`);
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the text, which may hold anything: what was not JSON is reported as just that.
    throw notGraphql(status, 'is no JSON');
  }
}

/** Some servers send null for what they have not. */
function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

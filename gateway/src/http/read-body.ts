import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Stage } from '../stage.js';
import type { OperationRequest } from './exchange.js';
import { DEEPEST_NESTING, isDeeperThan } from '../security/nesting.js';
import { Refusal } from './refusal.js';

/**
 * Reads and checks the body of a POST: 415 for another type, 413 over the limit, 400 for what is no GraphQL request.
 * A GET has the same in its query string.
 */
export const readBody: Stage = async (exchange, { settings }) => {
  if (exchange.method !== 'POST') {
    exchange.operation = toOperationRequest(fromSearch(new URLSearchParams(exchange.search)));
    return undefined;
  }
  requireJson(exchange.headers);
  const bytes = await collect(exchange.request, settings.maxBodyBytes);
  exchange.operation = toOperationRequest(parse(bytes));
  return undefined;
};

function requireJson(headers: ReadonlyMap<string, string>): void {
  if (headers.get('content-type') === 'application/json' && !headers.has('content-encoding')) return;
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  const isCharsetTaken = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (type.trim() !== 'application/json' || !isCharsetTaken) {
    throw new Refusal({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'Send the GraphQL request as JSON in UTF-8, with the header `content-type: application/json`.',
    });
  }
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw new Refusal({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'Compressed request bodies are not accepted.',
    });
  }
}

/** Never holds more than `limit` bytes. The request timeout ends a body that never ends. */
function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let size = 0;
    let isOver = false;
    const stop = (makeError: () => Error): void => {
      if (isOver) return;
      isOver = true;
      // The rest flows into nothing: closing at once would cut the client off before it can read the answer.
      request.removeAllListeners('data').resume();
      reject(makeError());
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) stop(() => tooLarge(limit));
      else if (first === undefined) first = chunk;
      else (rest ??= [first]).push(chunk);
    });
    request.on('end', () => {
      isOver = true;
      resolve(rest === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(rest, size));
    });
    request.on('error', (error) => stop(() => error));
    request.on('close', () => stop(() => new Error('the client went away')));
  });
}

function tooLarge(limit: number): Refusal {
  return new Refusal({
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    message: `The request body is longer than the ${limit} bytes that are accepted.`,
  });
}

function parse(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw badRequest('The body is not JSON: it is not UTF-8.');
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    throw badRequest(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** https://graphql.github.io/graphql-over-http/draft/#sec-GET */
function fromSearch(search: URLSearchParams): Record<string, unknown> {
  const value = (name: string): string | undefined => {
    const values = search.getAll(name);
    if (values.length > 1) throw badRequest(`\`${name}\` may be in the query string once.`);
    return values[0];
  };
  const record = (name: string): unknown => {
    const text = value(name);
    if (text === undefined || text === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw badRequest(`\`${name}\` in the query string is not JSON.`);
    }
  };
  return {
    query: value('query'),
    documentId: value('documentId'),
    operationName: value('operationName'),
    variables: record('variables'),
    extensions: record('extensions'),
  };
}

function toOperationRequest(value: unknown): OperationRequest {
  if (Array.isArray(value)) throw badRequest('Batches are not accepted: send one operation in one request.');
  if (!isRecord(value)) throw badRequest('The body must be a JSON object with a `query`.');
  const { query, documentId, operationName, variables, extensions } = value;
  if (query !== undefined && typeof query !== 'string') throw badRequest('`query` must be a string.');
  if (!isAbsent(documentId) && typeof documentId !== 'string') throw badRequest('`documentId` must be a string.');
  if (!isAbsent(operationName) && typeof operationName !== 'string')
    throw badRequest('`operationName` must be a string.');
  if (!isAbsent(variables) && !isRecord(variables)) throw badRequest('`variables` must be an object.');
  if (!isAbsent(extensions) && !isRecord(extensions)) throw badRequest('`extensions` must be an object.');
  if (query === undefined && isAbsent(documentId) && !isRecord(extensions)) throw badRequest('`query` is missing.');
  if (isDeeperThan(variables, DEEPEST_NESTING) || isDeeperThan(extensions, DEEPEST_NESTING))
    throw badRequest(`\`variables\` and \`extensions\` may be nested ${DEEPEST_NESTING} levels deep.`);
  return {
    ...(query === undefined ? {} : { query }),
    ...(typeof documentId === 'string' ? { documentId } : {}),
    ...(typeof operationName === 'string' ? { operationName } : {}),
    ...(isRecord(variables) ? { variables } : {}),
    ...(isRecord(extensions) ? { extensions } : {}),
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badRequest(message: string): Refusal {
  return new Refusal({ status: 400, code: 'BAD_REQUEST', message });
}

import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST, OperationTypeNode, parse } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { postOperation } from './graphql-request.js';
import type { Identity } from './identity.js';
import type { LiveOperations } from './live-operations.js';
import type { Store } from './store.js';
import type { Transport } from './transports.js';

export interface FetcherParts {
  readonly identity: Identity;
  readonly transport: Store<Transport>;
  readonly live: LiveOperations;
}

type Headers = Readonly<Record<string, string>>;

/** Sends what GraphiQL runs: queries and mutations over HTTP, subscriptions over the chosen transport. */
export function createFetcher({ identity, transport, live }: FetcherParts): Fetcher {
  return async (asked, options) => {
    const own = toHeaders(options?.headers);
    // The schema is the same for everybody: reading it signs nobody in.
    if (asked.operationName === 'IntrospectionQuery') return (await postOperation(asked, own)).result;
    const operation = operationOf(asked);
    const params = operation === null ? asked : { ...asked, operationName: operation.name?.value ?? null };
    if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return send(params, { identity, own });
    const { name } = identity.state.get();
    let sent: Headers = {};
    const headers = async (): Promise<Headers> => (sent = await withIdentity(own, { identity, name }));
    const refused = (): void => identity.forget(sent['authorization'] ?? '');
    // Here a refused sign-in can be told as what it is.
    await headers();
    const account = hasOwnIdentity(own) ? 'own header' : (name ?? 'anonymous');
    const title = operation.name?.value ?? 'subscription';
    return live.open({ params, headers, refused }, { title, transport: transport.get(), account });
  };
}

/** A token that was revoked, for instance by `logout`, is replaced once. */
async function send(params: FetcherParams, { identity, own }: { readonly identity: Identity; readonly own: Headers }) {
  const { name } = identity.state.get();
  const headers = await withIdentity(own, { identity, name });
  const answer = await postOperation(params, headers);
  const sent = headers['authorization'];
  if (answer.status !== 401 || sent === undefined || hasOwnIdentity(own)) return answer.result;
  identity.forget(sent);
  return (await postOperation(params, await withIdentity(own, { identity, name }))).result;
}

/** A header that was written by hand wins over the menu. */
async function withIdentity(
  own: Headers,
  { identity, name }: { readonly identity: Identity; readonly name: string | null },
): Promise<Headers> {
  if (hasOwnIdentity(own)) return own;
  const authorization = await identity.authorization(name);
  return authorization === null ? own : { ...own, authorization };
}

function hasOwnIdentity(own: Headers): boolean {
  return own['authorization'] !== undefined;
}

function toHeaders(written: Readonly<Record<string, unknown>> | undefined): Headers {
  const entries = Object.entries(written ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(entries) as Headers;
}

/**
 * The operation that is meant; null for what cannot be parsed or chosen: the server says what is wrong with it. Just
 * after a change of tabs GraphiQL still gives the name of the former tab's operation.
 */
function operationOf({ query, operationName }: FetcherParams): OperationDefinitionNode | null {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document) ?? null;
  } catch {
    return null;
  }
}

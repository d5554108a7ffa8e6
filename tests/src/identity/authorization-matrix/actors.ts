import { createGraphClient, signIn } from '../../graph/index.js';
import type { GraphClient, SignedIn } from '../../graph/index.js';
import { DEMO_PASSWORD } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import { guardedFields } from './guarded-fields.js';
import type { Actor } from './rules.js';

/** Somebody who calls, and how to reach the platform as them. */
export interface Caller {
  readonly client: GraphClient;
  /** Who acts; null for nobody. Of the impersonator the impersonated. */
  readonly userId: string | null;
}

export type Callers = Readonly<Record<Actor, Caller>>;

/** Longer ago than any step-up allows, within the life of a session. */
const LONG_AGO = '2 hours';

/** Everybody who calls, with sessions and keys of their own: what one call ends matters to no other. */
export async function makeCallers(platform: Platform): Promise<Callers> {
  const { url } = platform;
  const [administrator, owner, member] = (await Promise.all(
    ['admin', 'alice', 'bob'].map((name) => signIn(url, { email: `${name}@orion.test`, password: DEMO_PASSWORD })),
  )) as [SignedIn, SignedIn, SignedIn];
  const withToken = (token: string, userId: string): Caller => ({ client: createGraphClient(url, { token }), userId });
  const scopes = await grantable(administrator.client);
  return {
    anonymous: { client: createGraphClient(url), userId: null },
    member,
    owner,
    administrator,
    bareKey: withToken(await createKey(owner.client, []), owner.userId),
    ownKey: withToken(await createKey(owner.client, ownPermissions()), owner.userId),
    scopedKey: withToken(await createKey(administrator.client, scopes), administrator.userId),
    impersonator: withToken(await impersonate(administrator.client, owner.userId), owner.userId),
    stale: await aged(platform, await signIn(url, { email: 'admin@orion.test', password: DEMO_PASSWORD })),
  };
}

/** Every permission of the scope `own` that some field asks for. */
function ownPermissions(): readonly string[] {
  return [...new Set(guardedFields().map(({ permission }) => permission))].filter((key) => key.endsWith(':own'));
}

async function aged(platform: Platform, { userId, sessionId, refreshToken }: SignedIn): Promise<Caller> {
  const database = new pg.Client({ connectionString: platform.databaseUrls['auth'] ?? '' });
  await database.connect();
  try {
    await database.query('UPDATE sessions SET authenticated_at = authenticated_at - $2::interval WHERE id = $1', [
      sessionId,
      LONG_AGO,
    ]);
  } finally {
    await database.end();
  }
  const { data, errors } = await createGraphClient(platform.url).query(REFRESH, { input: { refreshToken } });
  if (data?.refreshTokens.tokens == null) throw new Error(`not refreshed: ${JSON.stringify({ data, errors })}`);
  return { client: createGraphClient(platform.url, { token: data.refreshTokens.tokens.accessToken }), userId };
}

async function grantable(client: GraphClient): Promise<readonly string[]> {
  const { data, errors } = await client.query('{ me { effectivePermissions { key } } }');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data.me.effectivePermissions.map(({ key }: { key: string }) => key);
}

async function createKey(client: GraphClient, scopes: readonly string[]): Promise<string> {
  const { data, errors } = await client.query(CREATE_KEY, { input: { name: 'matrix', scopes } });
  if (data?.createApiKey.secret == null) throw new Error(`no key: ${JSON.stringify({ data, errors })}`);
  return data.createApiKey.secret;
}

async function impersonate(client: GraphClient, userId: string): Promise<string> {
  const { data, errors } = await client.query(
    `mutation { adminImpersonate(input: { userId: "${userId}", reason: "authorization matrix" }) {
       accessToken userErrors { code message } } }`,
  );
  if (data?.adminImpersonate?.accessToken == null)
    throw new Error(`not impersonating: ${JSON.stringify({ data, errors })}`);
  return data.adminImpersonate.accessToken;
}

const REFRESH = `mutation ($input: RefreshTokensInput!) {
  refreshTokens(input: $input) { tokens { accessToken } userErrors { code } } }`;
const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret userErrors { code message } } }`;

import type { EventTransport } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { eventually } from '@orion/platform/testing';
import { DEMO_PASSWORD, DEMO_PEOPLE } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { signIn } from '../../graph/index.js';
import type { GraphAnswer, GraphClient, SignedIn } from '../../graph/index.js';
import { brokenRegistration } from '../../operations/bus.js';
import type { Caller, Callers } from './actors.js';

/** The platform, and those who act on it. */
export interface World {
  readonly platform: Platform;
  readonly bus: EventTransport;
  readonly callers: Callers;
}

/** Makes an event happen that the caller may hear of, if they hear of such events at all. */
export type Happening = (caller: Caller, world: World) => Promise<unknown>;

/** Signs in whoever the caller acts as, on a device that nobody has seen before. */
function anew({ userId }: Caller, { platform }: World): Promise<SignedIn> {
  const { email = '' } = DEMO_PEOPLE.find(({ id }) => id === userId) ?? {};
  return signIn(platform.url, { email, password: DEMO_PASSWORD });
}

/** Who the caller acts as, in a session of their own. */
function inPerson({ userId }: Caller, { callers }: World): GraphClient {
  const { administrator, owner, member } = callers;
  return [administrator, owner, member].find((one) => one.userId === userId)?.client ?? administrator.client;
}

export const signInAnew: Happening = anew;

export const signInAndOut: Happening = async (caller, world) => {
  const { client } = await anew(caller, world);
  return done(await client.query('mutation { logout { revokedSessions } }'));
};

export const notify: Happening = async ({ userId }, { callers }) =>
  done(
    await callers.administrator.client.query(SEND, {
      input: { recipientId: userId, type: 'matrix.event', title: 'Matrix' },
    }),
  );

export const changeProfile: Happening = async (caller, world) =>
  done(await inPerson(caller, world).query(UPDATE, { input: { bio: uuidv7() } }));

export const changeOwner: Happening = (_caller, world) => changeProfile(world.callers.owner, world);

export const breakSomething: Happening = (_caller, { bus }) => bus.append([brokenRegistration()]);

/** Makes something that belongs to the owner, and returns its id. */
export const OWNED = {
  session: async (world) => (await anew(world.callers.owner, world)).sessionId,
  device: async (world) => {
    const { client } = await anew(world.callers.owner, world);
    const { data } = done(await client.query('{ myDevices(first: 100) { nodes { id isCurrent } } }'));
    return data.myDevices.nodes.find(({ isCurrent }: { isCurrent: boolean }) => isCurrent).id;
  },
  apiKey: async ({ callers }) => {
    const { data } = done(await callers.owner.client.query(CREATE_KEY, { input: { name: uuidv7(), scopes: [] } }));
    return data.createApiKey.apiKey.id;
  },
  notification: async ({ callers }) => {
    const input = { recipientId: callers.owner.userId, type: 'matrix.event', title: 'Matrix' };
    const { data } = done(await callers.administrator.client.query(SEND, { input }));
    return data.sendNotification.notifications[0].id;
  },
  dataExport: ({ callers }) => exportOf(callers.owner),
} as const satisfies Readonly<Record<string, (world: World) => Promise<string>>>;

/** An export that is ready. */
export async function exportOf({ client }: Caller): Promise<string> {
  const { data } = done(await client.query('mutation { requestDataExport { dataExport { id } } }'));
  const { id } = data.requestDataExport.dataExport;
  await eventually(async () => {
    const answer = done(await client.query('query ($id: ID!) { dataExport(id: $id) { status } }', { id }));
    return answer.data.dataExport.status === 'READY';
  });
  return id;
}

function done(answer: GraphAnswer): GraphAnswer {
  if (answer.errors.length > 0 || answer.data === null) throw new Error(JSON.stringify(answer));
  return answer;
}

const SEND = `mutation ($input: SendNotificationInput!) {
  sendNotification(input: $input) { notifications { id } userErrors { code } } }`;
const UPDATE = 'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code } } }';
const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { apiKey { id } userErrors { code message } } }`;

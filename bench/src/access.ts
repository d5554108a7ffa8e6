import { setTimeout as wait } from 'node:timers/promises';
import { permissionsNow } from '@orion/platform/access';
import type { AccessGrants } from '@orion/platform/access';
import type { Viewer } from '@orion/platform/identity';
import { checkAccess } from '@orion/platform/subgraph';
import { newcomer, newcomerPassword, signIn } from '@orion/tests/graph';
import { latencies, percentile } from './measure.js';
import type { Figure } from './measure.js';

const CHECKS = 200_000;
const WARM_UP = 20_000;
const LOGOUTS = 50;
const ROLE_CHANGES = 20;
const POLL_MS = 2;
const GIVE_UP_MS = 10_000;

/** What deciding about a request costs, and how long what was taken away still works. */
export async function measureAccess(url: string): Promise<readonly Figure[]> {
  return [
    {
      name: 'permission check, of a user with 60 permissions, 4 expiries and 5 rules (gateway and guard)',
      value: check(),
    },
    {
      name: "revoke to deny: from logout's answer to the first 401 of the access token",
      value: await revokeToDeny(url),
    },
    {
      name: "role change to deny: from unassignRole's answer to the first FORBIDDEN with the same access token",
      value: await roleToDeny(url),
    },
  ];
}

/** One after the other, as for two requests: the permissions of the moment, then the guard of a field. */
function check(): string {
  const samples = new Float64Array(CHECKS);
  for (let index = -WARM_UP; index < CHECKS; index += 1) {
    const start = performance.now();
    const viewer: Viewer = { ...VIEWER, permissions: permissionsNow(GRANTS, { ...HERE, now: new Date() }) };
    checkAccess(GUARD, viewer, () => false);
    if (index >= 0) samples[index] = performance.now() - start;
  }
  const microseconds = (share: number) => `${(percentile([...samples], share) * 1_000).toFixed(1)} us`;
  return `p50 ${microseconds(0.5)}, p99 ${microseconds(0.99)}, n ${CHECKS}`;
}

const NOW = Math.floor(Date.now() / 1_000);
const permissionAt = (index: number) => `resource-${index}:write:any`;
const GRANTS: AccessGrants = {
  permissions: Array.from({ length: 60 }, (_, index) => permissionAt(index)),
  expiries: Object.fromEntries([1, 2, 3, 4].map((index) => [permissionAt(index), NOW + 86_400])),
  version: 1,
  rules: [
    {
      id: '1',
      effect: 'deny',
      permission: permissionAt(5),
      condition: { ip: { in: ['192.0.2.0/24', '2001:db8::/32'] } },
    },
    {
      id: '2',
      effect: 'deny',
      permission: permissionAt(6),
      condition: {
        not: { time: { from: '06:00', to: '22:00', timezone: 'Europe/Berlin', weekdays: [1, 2, 3, 4, 5] } },
      },
    },
    { id: '3', effect: 'allow', permission: 'vault:open:any', condition: { method: { has: 'hwk' } } },
    {
      id: '4',
      effect: 'allow',
      permission: 'vault:list:any',
      condition: { all: [{ authAge: { atMost: 600 } }, { ip: { in: ['10.0.0.0/8'] } }] },
    },
    { id: '5', effect: 'deny', permission: permissionAt(7), condition: { userAgent: { contains: 'curl' } } },
  ],
};
const HERE = { ip: '10.1.2.3', userAgent: 'Mozilla/5.0', methods: ['pwd', 'otp'], authenticatedAt: NOW };
const VIEWER: Viewer = {
  kind: 'session',
  userId: 'u',
  sessionId: 's',
  impersonatorId: null,
  permissions: [],
  methods: HERE.methods,
  authenticatedAt: NOW,
};
const GUARD = { permission: permissionAt(59), stepUp: true, isRoot: true, isMutation: true };

async function revokeToDeny(url: string): Promise<string> {
  const { userId } = await newcomer(url, { name: `Leaver${Date.now()}` });
  const { client: admin } = await signIn(url, ADMINISTRATOR);
  const { data } = await admin.query('query ($id: ID!) { user(id: $id) { email } }', { id: userId });
  const samples: number[] = [];
  for (let index = 0; index < LOGOUTS; index += 1) {
    const { client } = await signIn(url, { email: data.user.email, password: newcomerPassword });
    const { data: ended } = await client.query('mutation { logout { revokedSessions } }');
    if (ended?.logout.revokedSessions !== 1) throw new Error('not logged out');
    samples.push(await untilTrue(async () => (await client.query('{ me { id } }')).status === 401));
  }
  return latencies(samples);
}

async function roleToDeny(url: string): Promise<string> {
  const { client: admin } = await signIn(url, ADMINISTRATOR);
  const member = await newcomer(url, { name: `Member${Date.now()}` });
  const change = async (field: 'assignRole' | 'unassignRole', input: string): Promise<void> => {
    const { data, errors } = await admin.query(
      `mutation ($input: ${input}!) { ${field}(input: $input) { userErrors { code } } }`,
      { input: { userId: member.userId, role: 'ADMIN' } },
    );
    if (errors.length > 0 || data[field].userErrors.length > 0) throw new Error(JSON.stringify({ data, errors }));
  };
  const isAllowed = async () =>
    (await member.client.query('{ roles(first: 1) { nodes { name } } }')).errors.length === 0;
  const samples: number[] = [];
  for (let index = 0; index < ROLE_CHANGES; index += 1) {
    await change('assignRole', 'AssignRoleInput');
    await untilTrue(isAllowed);
    await change('unassignRole', 'UnassignRoleInput');
    samples.push(await untilTrue(async () => !(await isAllowed())));
  }
  return latencies(samples);
}

/** Milliseconds until it is so. */
async function untilTrue(condition: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > GIVE_UP_MS) throw new Error(`not within ${GIVE_UP_MS} ms`);
    await wait(POLL_MS);
  }
  return performance.now() - start;
}

const ADMINISTRATOR = { email: 'admin@orion.test', password: 'orion-demo' };

import { newcomer, signIn } from '@orion/tests/graph';
import type { Figure } from './measure.js';

const FIELDS = `id displayName emailVerified lastLoginAt
  sessions(first: 3) { nodes { id device { name } } } notifications(first: 3) { nodes { title actor { displayName } } }
  notificationCounts { unseen total } activitySummary { logins }`;

/** SQL statements per query, as each subgraph counts them, for one user and for many. */
export async function measureStatements(url: string): Promise<readonly Figure[]> {
  const admin = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
  const reader = await newcomer(url, { name: `Counted${Date.now()}` });
  const count = async (query: string, client = admin.client) => {
    const { errors, headers } = await client.query(query);
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    return headers.get('x-orion-sql-statements') ?? 'not reported';
  };
  return [
    {
      name: 'SQL statements: { me { ... } } across four subgraphs',
      value: await count(`{ me { ${FIELDS} } }`, reader.client),
    },
    {
      name: 'SQL statements: users(first: 10) across four subgraphs',
      value: await count(`{ users(first: 10) { nodes { ${FIELDS} } } }`),
    },
    {
      name: 'SQL statements: users(first: 100) across four subgraphs',
      value: await count(`{ users(first: 100) { nodes { ${FIELDS} } } }`),
    },
  ];
}

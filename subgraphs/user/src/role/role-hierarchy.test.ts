import fc from 'fast-check';
import { readAccessSources } from '../permission/access-sources.js';
import type { Granter } from '../permission/authority.js';
import { ADMINISTRATOR, openAccessFixture } from '../testing/access-fixture.js';
import type { AccessFixture } from '../testing/access-fixture.js';
import { LONGEST_CHAIN } from './role-hierarchy.js';
import { RoleCommandService } from './role-command.service.js';

let fixture: AccessFixture;
let commands: RoleCommandService;
let admin: Granter;

beforeAll(async () => {
  fixture = await openAccessFixture();
  commands = new RoleCommandService(fixture.database);
  admin = fixture.granter(await fixture.addUser(ADMINISTRATOR));
});
afterAll(() => fixture.close());

let count = 0;
const addRoles = (wanted: number): Promise<string[]> =>
  Promise.all(Array.from({ length: wanted }, () => fixture.addRole({ name: `R${(count += 1)}`, level: 5 })));

async function setParent(roleId: string, parentId: string | null): Promise<string | null> {
  const { userErrors } = await commands.setParent({ roleId, parentId }, admin);
  return userErrors[0]?.code ?? null;
}

/** What the closure should be, by following the parents. Throws when a chain does not end. */
async function expectedClosure(): Promise<string[]> {
  const roles: { id: string; parent: string | null }[] = await fixture.database.query(
    'SELECT id, parent_id AS parent FROM roles',
  );
  const parents = new Map(roles.map(({ id, parent }) => [id, parent]));
  return roles.flatMap(({ id }) => {
    const rows: string[] = [];
    let at: string | null = id;
    for (let depth = 0; at !== null; depth += 1) {
      if (depth > roles.length) throw new Error('the roles inherit in a circle');
      rows.push(`${at} ${id} ${depth}`);
      at = parents.get(at) ?? null;
    }
    return rows;
  });
}

async function closure(): Promise<string[]> {
  const rows: { row: string }[] = await fixture.database.query(
    `SELECT ancestor_id || ' ' || descendant_id || ' ' || depth AS row FROM role_closure`,
  );
  return rows.map(({ row }) => row);
}

test('ID-80: a role inherits neither from itself nor, by way of others, from what inherits from it', async () => {
  const [a = '', b = '', c = ''] = await addRoles(3);
  expect(await setParent(a, a)).toBe('ROLE_CYCLE');
  expect(await setParent(b, a)).toBeNull();
  expect(await setParent(a, b)).toBe('ROLE_CYCLE');
  expect(await setParent(c, b)).toBeNull();
  expect(await setParent(a, c)).toBe('ROLE_CYCLE');
  expect((await closure()).toSorted()).toEqual((await expectedClosure()).toSorted());
});

test('ID-80: a chain of 100 roles is refused where it becomes too long', async () => {
  const chain = await addRoles(100);
  const answers: (string | null)[] = [];
  for (const [index, role] of chain.entries()) {
    const above = chain[index - 1];
    if (above !== undefined) answers.push(await setParent(role, above));
  }
  expect(answers.slice(0, LONGEST_CHAIN - 1)).toEqual(Array.from({ length: LONGEST_CHAIN - 1 }, () => null));
  expect(answers[LONGEST_CHAIN - 1]).toBe('ROLE_CHAIN_TOO_LONG');
  // Every one after that begins a chain of its own.
  const [row]: { depth: number }[] = await fixture.database.query('SELECT max(depth) AS depth FROM role_closure');
  expect(row?.depth).toBe(LONGEST_CHAIN - 1);
});

test('ID-80: a chain is also too long when two that are short enough are joined', async () => {
  const upper = await addRoles(20);
  const lower = await addRoles(20);
  for (const roles of [upper, lower])
    for (let index = 1; index < roles.length; index += 1)
      expect(await setParent(roles[index] ?? '', roles[index - 1] ?? '')).toBeNull();
  expect(await setParent(lower[0] ?? '', upper.at(-1) ?? '')).toBe('ROLE_CHAIN_TOO_LONG');
  expect(await setParent(lower[0] ?? '', upper[11] ?? '')).toBeNull();
  expect((await closure()).toSorted()).toEqual((await expectedClosure()).toSorted());
});

test('ID-80: of two edits at once that each close half of a circle one is refused, in 50 rounds of 20', async () => {
  const roles = await addRoles(20);
  for (let round = 0; round < 50; round += 1) {
    const answers = await Promise.all(roles.map((role, index) => setParent(role, roles[index ^ 1] ?? '')));
    for (let pair = 0; pair < roles.length; pair += 2)
      expect(new Set(answers.slice(pair, pair + 2))).toEqual(new Set([null, 'ROLE_CYCLE']));
    await fixture.database.query('UPDATE roles SET parent_id = NULL WHERE id = ANY($1::uuid[])', [roles]);
    await fixture.database.query('DELETE FROM role_closure WHERE depth > 0 AND descendant_id = ANY($1::uuid[])', [
      roles,
    ]);
  }
  expect((await closure()).toSorted()).toEqual((await expectedClosure()).toSorted());
}, 60_000);

test('property: whatever is done to the graph of roles, it has no circle and the closure is what the parents say', async () => {
  const roles = await addRoles(8);
  const edit = fc.record({ role: fc.nat(7), parent: fc.option(fc.nat(7), { nil: null }) });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), async (edits) => {
      for (const { role, parent } of edits)
        await setParent(roles[role] ?? '', parent === null ? null : (roles[parent] ?? ''));
      expect((await closure()).toSorted()).toEqual((await expectedClosure()).toSorted());
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('a role may do what its parent may do, and no more when the parent changes', async () => {
  const parent = await fixture.addRole({ name: 'READER', level: 3, permissions: ['user:list:any'] });
  const other = await fixture.addRole({ name: 'COUNTER', level: 3, permissions: ['analytics:read:any'] });
  const child = await fixture.addRole({ name: 'WRITER', level: 4, permissions: ['notification:send:any'] });
  const userId = await fixture.addUser('WRITER');
  const held = async (): Promise<string[]> => {
    const [sources] = await readAccessSources(fixture.database.manager, [userId]);
    return (sources?.grants ?? []).map(({ permission }) => permission).toSorted();
  };
  expect(await setParent(child, parent)).toBeNull();
  expect(await held()).toEqual(['notification:send:any', 'user:list:any']);
  expect(await setParent(child, other)).toBeNull();
  expect(await held()).toEqual(['analytics:read:any', 'notification:send:any']);
  expect(await setParent(child, null)).toBeNull();
  expect(await held()).toEqual(['notification:send:any']);
});

test('a role inherits from none of a higher level, and its level does not rise above those that inherit', async () => {
  const low = await fixture.addRole({ name: 'LOW', level: 10 });
  const high = await fixture.addRole({ name: 'HIGH', level: 20 });
  expect(await setParent(low, high)).toBe('PARENT_LEVEL_TOO_HIGH');
  expect(await setParent(high, low)).toBeNull();
  const update = async (roleId: string, level: number) =>
    (await commands.update({ roleId, level }, admin)).userErrors[0]?.code ?? null;
  expect(await update(low, 21)).toBe('ROLE_LEVEL_INVALID');
  expect(await update(high, 9)).toBe('ROLE_LEVEL_INVALID');
  expect(await update(low, 20)).toBeNull();
});

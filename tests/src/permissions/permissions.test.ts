import { readFile, readdir } from 'node:fs/promises';
import { signIn } from '../graph/index.js';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';

const SCHEMAS = new URL('../../../schema/subgraphs/', import.meta.url);

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
}, 60_000);
afterAll(() => platform?.stop());

/** Every permission that some field asks for. */
async function permissionsInSchema(): Promise<readonly string[]> {
  const files = await readdir(SCHEMAS);
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, SCHEMAS), 'utf8')));
  const named = texts.flatMap((text) =>
    [...text.matchAll(/@auth\(permission: "([^"]+)"/g)].map(([, permission = '']) => permission),
  );
  return [...new Set(named.filter((permission) => permission.includes(':')))];
}

test('the administrator may do everything that some field of some subgraph asks a permission for', async () => {
  const { client } = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
  const { data, errors } = await client.query('{ me { effectivePermissions { key } } }');
  expect(errors).toEqual([]);
  const asked = (await permissionsInSchema()).map((permission) => permission.replace(/:own$/, ':any'));
  expect(asked.length).toBeGreaterThan(5);
  const held = data.me.effectivePermissions.map(({ key }: { key: string }) => key);
  expect(held).toEqual(expect.arrayContaining([...asked]));
});

test('every permission that some field asks for is known, so that roles and API keys can be given it', async () => {
  const { client } = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
  const { data, errors } = await client.query('{ permissions(first: 100) { nodes { key } pageInfo { hasNextPage } } }');
  expect([errors, data.permissions.pageInfo]).toEqual([[], { hasNextPage: false }]);
  const known: string[] = data.permissions.nodes.map(({ key }: { key: string }) => key);
  expect((await permissionsInSchema()).filter((permission) => !known.includes(permission))).toEqual([]);
});

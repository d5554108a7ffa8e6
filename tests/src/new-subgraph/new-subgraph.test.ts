import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createTemporaryCheckout } from '../checkout/temporary-checkout.js';
import type { CommandResult, TemporaryCheckout } from '../checkout/temporary-checkout.js';

const NEW_SUBGRAPH = 'tools/dist/new-subgraph/main.js';

let checkout: TemporaryCheckout;
let made: CommandResult;

const read = (file: string): Promise<string> => readFile(path.join(checkout.root, file), 'utf8');
const node = (script: string, ...parameters: readonly string[]) =>
  checkout.run(process.execPath, script, ...parameters);

beforeAll(async () => {
  checkout = await createTemporaryCheckout();
  made = await node(NEW_SUBGRAPH, 'order-desk');
}, 180_000);
afterAll(() => checkout.remove());

test('one command makes, links, builds and composes a subgraph, and says what to do next', () => {
  expect(made).toMatchObject({
    code: 0,
    output: expect.stringContaining('subgraphs/order-desk is part of the supergraph'),
  });
});

test('the supergraph contains what it owns and what it adds to User', async () => {
  const api = await read('schema/api.graphql');
  expect(api).toContain('type OrderDeskItem {');
  expect(api).toContain('createOrderDeskItem(');
  expect(api).toContain('orderDeskItems(');
  expect(await read('schema/supergraph.graphql')).toContain(
    'ORDER_DESK @join__graph(name: "order-desk", url: "http://127.0.0.1:4005/graphql")',
  );
  expect(await read('rover.yaml')).toContain('file: schema/subgraphs/order-desk.graphql');
});

test('only its own folder, the lockfile, the references of the build and what is generated change', async () => {
  const { output } = await checkout.run('git', 'status', '--porcelain', '--untracked-files=all');
  const changed = output
    .split('\n')
    .map((line) => line.slice(3))
    .filter((file) => file !== '' && !file.startsWith('subgraphs/order-desk/'));
  expect(changed.toSorted()).toEqual([
    'package-lock.json',
    'rover.yaml',
    'schema/api.graphql',
    'schema/subgraphs/order-desk.graphql',
    'schema/supergraph.graphql',
    'tsconfig.json',
  ]);
});

test('its own tests pass', async () => {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const { code, output } = await checkout.run(process.execPath, ...jest, 'subgraphs/order-desk/dist');
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('6 passed, 0 failed') });
}, 120_000);

test('it satisfies the linter, the formatter and the schema check', async () => {
  const lint = await node('node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', 'subgraphs/order-desk');
  expect(lint).toMatchObject({ code: 0 });
  const format = await node('node_modules/oxfmt/bin/oxfmt', '--check', 'subgraphs/order-desk', 'tsconfig.json');
  expect(format).toMatchObject({ code: 0 });
  const schema = await node('tools/dist/schema/main.js', '--check');
  expect(schema).toMatchObject({ code: 0, output: expect.stringContaining('schema check passed') });
}, 60_000);

test('a name that is taken is refused, and nothing is written', async () => {
  const before = await checkout.run('git', 'status', '--porcelain');
  const refused = await node(NEW_SUBGRAPH, 'order-desk');
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('There is a subgraph order-desk already') });
  expect(await checkout.run('git', 'status', '--porcelain')).toEqual(before);
});

test('without its folder nothing of it is left after the next `npm run schema`', async () => {
  await checkout.run('git', 'checkout', '--quiet', 'tsconfig.json');
  await checkout.run('rm', '-r', 'subgraphs/order-desk');
  expect(await node('tools/dist/schema/main.js')).toMatchObject({ code: 0 });
  expect((await checkout.run('git', 'status', '--porcelain', 'schema', 'rover.yaml')).output).toBe('');
}, 60_000);

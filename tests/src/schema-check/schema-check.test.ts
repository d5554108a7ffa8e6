import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTemporaryCheckout } from '../checkout/temporary-checkout.js';
import type { CommandResult, TemporaryCheckout } from '../checkout/temporary-checkout.js';

let checkout: TemporaryCheckout;

const at = (file: string): string => path.join(checkout.root, file);
const read = (file: string): Promise<string> => readFile(at(file), 'utf8');
const schema = (...parameters: readonly string[]): Promise<CommandResult> =>
  checkout.run(process.execPath, 'tools/dist/schema/main.js', ...parameters);
const git = (...parameters: readonly string[]): Promise<CommandResult> => checkout.run('git', ...parameters);

async function replace(file: string, [before, after]: readonly [string, string]): Promise<void> {
  const text = await read(file);
  expect(text).toContain(before);
  await writeFile(at(file), text.replace(before, after));
}

beforeAll(async () => {
  checkout = await createTemporaryCheckout();
}, 60_000);
afterAll(() => checkout.remove());
afterEach(async () => {
  await git('checkout', '--quiet', '--force', 'main');
  await git('clean', '--quiet', '--force', '-d', 'schema', 'rover.yaml');
});

test('what is committed is what the code says', async () => {
  expect(await schema('--check')).toMatchObject({ code: 0, output: expect.stringContaining('schema check passed') });
});

test('a file that was edited by hand is told with its line, and `npm run schema` mends it', async () => {
  await replace('schema/subgraphs/auth.graphql', ['type AuthTokens {', 'type AuthTokens { # mine']);
  await replace('schema/events/dev.orion.user.login.v1.json', ['"maxLength": 200', '"maxLength": 201']);
  const { code, output } = await schema('--check');
  expect(code).toBe(1);
  expect(output).toMatch(/^schema\/subgraphs\/auth\.graphql:\d+: is not what the code says: .*# mine/m);
  expect(output).toMatch(/^schema\/events\/dev\.orion\.user\.login\.v1\.json:\d+: is not what the code says: .*201/m);
  expect(output).toContain('hint: run `npm run schema`');
  expect(await schema()).toMatchObject({
    code: 0,
    output: expect.stringContaining('wrote    schema/subgraphs/auth.graphql'),
  });
  expect(await schema('--check')).toMatchObject({ code: 0 });
}, 60_000);

test('a file that is missing, and one whose origin is gone, are drift', async () => {
  await rm(at('schema/supergraph.graphql'));
  await writeFile(at('schema/events/dev.orion.thing.forgotten.v1.json'), '{}\n');
  const { code, output } = await schema('--check');
  expect(code).toBe(1);
  expect(output).toContain('schema/supergraph.graphql: is not there');
  expect(output).toContain('schema/events/dev.orion.thing.forgotten.v1.json: what it was generated from is gone');
});

describe('compared with another commit', () => {
  const WITH_LEGACY = 'type LogoutPayload {\n  """What somebody relies on."""\n  legacy: Int\n\n';

  beforeEach(async () => {
    // The commit `before` has a field and an event property that the code no longer has.
    await git('checkout', '--quiet', '-B', 'branch', 'main');
    await replace('schema/api.graphql', ['type LogoutPayload {\n', WITH_LEGACY]);
    await replace('schema/events/dev.orion.user.login.v1.json', ['"properties": {', '"properties": { "legacy": {},']);
    await replace('schema/events/dev.orion.user.logout.v1.json', ['"orion.auth"', '"orion.elsewhere"']);
    await git('commit', '--quiet', '--all', '--message=before');
    await git('branch', '--force', 'before');
    await git('checkout', '--quiet', 'main', '--', 'schema');
  });

  test('what clients or consumers would miss is an error with file and line, here and there; GitHub shows it', async () => {
    const command = [
      'GITHUB_ACTIONS=true',
      process.execPath,
      'tools/dist/schema/main.js',
      '--check',
      '--base',
      'before',
    ];
    const { code, output } = await checkout.run('env', ...command);
    expect(code).toBe(1);
    expect(output).toMatch(
      /^schema\/api\.graphql:\d+: breaking change: LogoutPayload\.legacy was removed\. \(before:schema\/api\.graphql:\d+\)$/m,
    );
    expect(output).toMatch(
      /^schema\/events\/dev\.orion\.user\.login\.v1\.json:\d+: breaking change: .* no longer has legacy/m,
    );
    expect(output).toMatch(
      /^schema\/events\/dev\.orion\.user\.logout\.v1\.json:\d+: breaking change: .* changes its topic: was "orion\.elsewhere" and is "orion\.auth"; publish dev\.orion\.user\.logout\.v2 instead/m,
    );
    expect(output).toMatch(
      /^::error file=schema\/api\.graphql,line=\d+::breaking change: LogoutPayload\.legacy was removed/m,
    );
  });

  test('--allow-breaking makes warnings of it', async () => {
    const { code, output } = await schema('--check', '--base', 'before', '--allow-breaking');
    expect(code).toBe(0);
    expect(output).toContain('LogoutPayload.legacy was removed. (before:schema/api.graphql');
    expect(output).toContain('(allowed)');
  });

  test('a commit trailer lets through what it names, and nothing else', async () => {
    await git(
      'commit',
      '--quiet',
      '--message=feat: drop it\n\nAllow-Breaking: LogoutPayload.legacy nobody asked for it in a year',
    );
    const { code, output } = await schema('--check', '--base', 'before');
    expect(output).toMatch(/warning: breaking change: LogoutPayload\.legacy was removed.*\(allowed\)/);
    expect(output).toMatch(/json:\d+: breaking change: .* no longer has legacy/);
    expect(code).toBe(1);
  });

  test('a base that is not there is told', async () => {
    const { code, output } = await schema('--check', '--base', 'origin/nowhere');
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringContaining('git knows no commit origin/nowhere'),
    });
  });
});

describe('a subgraph that lives elsewhere', () => {
  const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
type Query { inventory: [Part] }
type Part @key(fields: "id") { id: ID! UPPER: Int }
`;

  test('is composed from the file that its entry names, and owes nothing to our conventions', async () => {
    await writeFile(at('schema/subgraphs/inventory.graphql'), SDL);
    await appendFile(
      at('rover.yaml'),
      '  inventory: # theirs\n    routing_url: http://inventory.example/graphql\n    schema: { file: schema/subgraphs/inventory.graphql }\n',
    );
    expect(await schema()).toMatchObject({ code: 0, output: expect.stringContaining('inventory compose') });
    expect(await schema('--check')).toMatchObject({ code: 0 });
    expect(await read('schema/api.graphql')).toContain('inventory: [Part]');
    expect(await read('rover.yaml')).toContain('inventory: # theirs');
    expect(await read('schema/subgraphs/inventory.graphql')).toBe(SDL);
  }, 60_000);

  test('tells its SDL when it runs; the check does not need it to run', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data: { _service: { sdl: SDL } } }));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await appendFile(
      at('rover.yaml'),
      `  inventory:\n    schema: { subgraph_url: "http://127.0.0.1:${port}/graphql" }\n`,
    );
    expect(await schema()).toMatchObject({
      code: 0,
      output: expect.stringContaining('wrote    schema/subgraphs/inventory.graphql'),
    });
    await new Promise((resolve) => void server.close(resolve));
    expect(await schema('--check')).toMatchObject({ code: 0 });
    expect(await schema()).toMatchObject({ code: 1, output: expect.stringContaining('cannot be had from') });
  }, 60_000);

  test('that does not fit is an error with subgraph, file and line', async () => {
    await writeFile(
      at('schema/subgraphs/inventory.graphql'),
      'type User @key(fields: "id") {\n  id: ID!\n  displayName: Int\n}\n',
    );
    await appendFile(
      at('rover.yaml'),
      '  inventory:\n    routing_url: http://x\n    schema: { file: schema/subgraphs/inventory.graphql }\n',
    );
    const before = await read('schema/supergraph.graphql');
    const { code, output } = await schema();
    expect(code).toBe(1);
    expect(output).toMatch(/^schema\/subgraphs\/inventory\.graphql:3: [A-Z_]+: .*User\.displayName/m);
    expect(output).toContain('hint: ');
    // The gateway goes on with the last good one.
    expect(await read('schema/supergraph.graphql')).toBe(before);
  });
});

import { readRoverConfig, updateRoverConfig } from './rover-config.js';

const FOLDERS = [
  { name: 'auth', port: 4001 },
  { name: 'user', port: 4002 },
];

test('a first rover.yaml has an entry for each folder', () => {
  const { text, subgraphs } = updateRoverConfig(null, { folders: FOLDERS, gone: [] });
  expect(text).toContain('federation_version: 2');
  expect(subgraphs.map(({ name, routingUrl, schemaFile }) => [name, routingUrl, schemaFile])).toEqual([
    ['auth', 'http://127.0.0.1:4001/graphql', 'schema/subgraphs/auth.graphql'],
    ['user', 'http://127.0.0.1:4002/graphql', 'schema/subgraphs/user.graphql'],
  ]);
});

test('updating twice changes nothing', () => {
  const { text } = updateRoverConfig(null, { folders: FOLDERS, gone: [] });
  expect(updateRoverConfig(text, { folders: FOLDERS, gone: [] }).text).toBe(text);
});

test('what was added by hand stays, comments and other keys included', () => {
  const byHand = `# Ours
federation_version: =2.11.0 # pinned by operations
subgraphs:
  auth:
    routing_url: http://127.0.0.1:9999/graphql
    schema:
      file: schema/subgraphs/auth.graphql
  # The shop is another team's.
  shop:
    routing_url: https://shop.example/graphql # behind their balancer
    schema: { file: schema/subgraphs/shop.graphql }
`;
  const { text, subgraphs } = updateRoverConfig(byHand, { folders: FOLDERS, gone: [] });
  expect(text).toContain('# Ours');
  expect(text).toContain('federation_version: =2.11.0 # pinned by operations');
  expect(text).toContain("# The shop is another team's.");
  expect(text).toContain('https://shop.example/graphql # behind their balancer');
  expect(text).toContain('routing_url: http://127.0.0.1:4001/graphql');
  expect(subgraphs.map(({ name }) => name)).toEqual(['auth', 'shop', 'user']);
});

test('a file that is right already is not touched at all', () => {
  const { text } = updateRoverConfig(null, { folders: FOLDERS, gone: [] });
  const withComment = `${text}  shop: # theirs\n      routing_url:   http://shop.example\n      schema: {file: shop.graphql}\n`;
  expect(updateRoverConfig(withComment, { folders: FOLDERS, gone: [] }).text).toBe(withComment);
});

test('the entry of a folder that is gone is removed', () => {
  const { text } = updateRoverConfig(null, { folders: FOLDERS, gone: [] });
  const { subgraphs } = updateRoverConfig(text, { folders: FOLDERS.slice(0, 1), gone: ['user'] });
  expect(subgraphs.map(({ name }) => name)).toEqual(['auth']);
});

test('two lines are enough for a foreign subgraph that tells its SDL', () => {
  const [shop] = readRoverConfig(
    'subgraphs:\n  shop:\n    schema: { subgraph_url: "http://127.0.0.1:7000/graphql" }\n',
  );
  expect(shop).toMatchObject({
    routingUrl: 'http://127.0.0.1:7000/graphql',
    schemaFile: null,
    subgraphUrl: 'http://127.0.0.1:7000/graphql',
  });
});

test('an entry without a schema is told with its line', () => {
  expect(() =>
    readRoverConfig('subgraphs:\n  a:\n    routing_url: x\n    schema: { file: y }\n  shop:\n    routing_url: x\n'),
  ).toThrow('rover.yaml:5: subgraph shop needs a routing_url and a schema.');
});

test('a file that is not YAML is told as such', () => {
  expect(() => updateRoverConfig('subgraphs: [', { folders: [], gone: [] })).toThrow('rover.yaml is not YAML');
});

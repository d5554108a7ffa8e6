import { checkConfigurations, checkEnvExample } from './compose-configuration.js';
import { composeVariablesOf } from './compose-environment.js';
import { readCompose } from './compose-file.js';
import { checkServices } from './compose-rules.js';
import { validateCompose } from './compose-schema.js';
import { REPOSITORY } from './run-tool.js';

const GOOD = `name: test
x-shared: &shared
  LOG_LEVEL:
  SIGNING_SECRET: '\${SIGNING_SECRET:?set it}'
services:
  database:
    image: postgres:18.4
    environment: { POSTGRES_PASSWORD: '\${POSTGRES_PASSWORD:?set it}' }
    ports: ['127.0.0.1:\${POSTGRES_PORT:-5432}:5432']
    healthcheck: { test: [CMD, pg_isready] }
  prepare:
    image: own:1.0
    restart: 'no'
    depends_on: { database: { condition: service_healthy } }
  broker:
    profiles: [kafka]
    image: apache/kafka:4.1.1
    healthcheck: { test: [CMD, 'true'] }
  service:
    image: own:\${VERSION:-1.0}
    build: { context: ., dockerfile: images/subgraph.Dockerfile, args: { SUBGRAPH: service } }
    environment:
      <<: *shared
      DATABASE_URL: postgres://service:\${DATABASE_PASSWORD}@database:5432/service
    depends_on:
      prepare: { condition: service_completed_successfully }
      broker: { condition: service_healthy, required: false }
`;

const images = { service: { environment: ['PORT'], hasHealthcheck: true } };
const variable = (name: string) => ({ name, description: 'something', standard: undefined, choices: [] });
const configurations = { service: ['LOG_LEVEL', 'SIGNING_SECRET', 'DATABASE_URL', 'PORT'].map(variable) };

function faultsOf(text: string): string[] {
  const { file, lineOf } = readCompose(text);
  const faults = [...checkServices(file, { images }), ...checkConfigurations(file, { configurations, images })];
  return faults.map(({ path, message }) => `${lineOf(path)}: ${message}`);
}

describe('a Compose file', () => {
  it('that is good fits the specification and the house rules', async () => {
    expect(await validateCompose(readCompose(GOOD).file, { root: REPOSITORY })).toEqual([]);
    expect(faultsOf(GOOD)).toEqual([]);
  });

  it.each([
    ['image: postgres:18.4', 'imagge: postgres:18.4', 7, '"imagge" is not part of the Compose Specification here'],
    ['restart:', 'restarts:', 13, '"restarts" is not part of the Compose Specification here'],
    ['profiles: [kafka]', 'profiles: kafka', 16, 'the Compose Specification says: must be array'],
    [
      'condition: service_healthy }',
      'condition: healthy }',
      14,
      'the Compose Specification says: must be equal to one of the allowed values',
    ],
    [
      'environment: { POSTGRES',
      'environment: 5 #{',
      8,
      'the Compose Specification says: must match exactly one schema in oneOf',
    ],
  ])('with %j as %j does not fit the specification', async (from, to, line, message) => {
    const { file, lineOf } = readCompose(GOOD.replace(from, to));
    const faults = await validateCompose(file, { root: REPOSITORY });
    expect(faults.map((fault) => `${lineOf(fault.path)}: ${fault.message}`)).toContain(`${line}: ${message}`);
  });

  it.each([
    ['name: test\n', '', '1: the file has no top-level name'],
    ['postgres:18.4', 'postgres:latest', '7: database: the image postgres:latest is not pinned'],
    ['postgres:18.4', 'postgres', '7: database: the image postgres is not pinned'],
    ['postgres:18.4', 'postgres:18', '7: database: the image postgres:18 is not pinned'],
    ['${VERSION:-1.0}', '${VERSION:-latest}', '20: service: the image own:latest is not pinned'],
    ['127.0.0.1:${POSTGRES_PORT:-5432}:5432', '5432:5432', '9: database: the port "5432:5432" is not of the form'],
    [
      '127.0.0.1:${POSTGRES_PORT:-5432}:5432',
      '127.0.0.1:5432:5432',
      '9: database: the port "127.0.0.1:5432:5432" is not of the form',
    ],
    ["'${POSTGRES_PASSWORD:?set it}'", 'hunter2', '8: database: the value of POSTGRES_PASSWORD is written in the file'],
    [
      '${POSTGRES_PASSWORD:?set it}',
      '${POSTGRES_PASSWORD:-hunter2}',
      '8: database: the secret POSTGRES_PASSWORD has a default',
    ],
    ['${DATABASE_PASSWORD}', 'hunter2', '24: service: DATABASE_URL has a password written in its URL'],
    ['    healthcheck: { test: [CMD, pg_isready] }\n', '', '7: database: no healthcheck'],
    ['[CMD, pg_isready]', '[NONE]', '7: database: no healthcheck'],
    ['test: [CMD, pg_isready]', 'interval: 10s', '7: database: no healthcheck'],
    ['test: [CMD, pg_isready]', 'disable: true', '7: database: no healthcheck'],
    [
      'depends_on: { database: { condition: service_healthy } }',
      'depends_on: [database]',
      '14: prepare: depends_on is a list',
    ],
    ['service_healthy } }', 'service_started } }', '14: prepare: the condition on database has to be service_healthy'],
    [
      'service_completed_successfully',
      'service_healthy',
      '26: service: the condition on prepare has to be service_completed_successfully',
    ],
    [', required: false', '', '27: service: broker is in a profile that service is not in'],
    ['      DATABASE_URL:', '      DATABASE_URI:', '24: service: its configuration does not read DATABASE_URI'],
    ['      <<: *shared\n', '', '23: service: LOG_LEVEL, which its configuration reads, is not handed on'],
  ])('with %j as %j breaks a house rule', (from, to, fault) => {
    const text = GOOD.replace(from, to);
    expect(text).not.toBe(GOOD);
    expect(faultsOf(text).join('\n')).toContain(fault);
  });

  it('tells which variables it takes from .env, and which it insists on', () => {
    expect(composeVariablesOf(readCompose(GOOD).file)).toEqual([
      { name: 'POSTGRES_PASSWORD', required: true, standard: undefined },
      { name: 'POSTGRES_PORT', required: false, standard: '5432' },
      { name: 'LOG_LEVEL', required: false, standard: undefined },
      { name: 'VERSION', required: false, standard: '1.0' },
      { name: 'SIGNING_SECRET', required: true, standard: undefined },
      { name: 'DATABASE_PASSWORD', required: false, standard: undefined },
    ]);
  });

  it('needs a line in .env.example for each of them', () => {
    const envExample = '#POSTGRES_PORT=5432\nPOSTGRES_PASSWORD=\n#LOG_LEVEL=info\n#VERSION=1.0\nDATABASE_PASSWORD=\n';
    expect(checkEnvExample(readCompose(GOOD).file, { envExample })).toEqual([
      { path: [], message: 'SIGNING_SECRET is taken from .env and is not in .env.example' },
    ]);
  });

  it('that is not YAML is refused', () => {
    expect(() => readCompose('services: [')).toThrow('The Compose file is not YAML');
  });
});

import { z } from 'zod';
import { readCompose } from './compose-file.js';
import { firstDrift } from './env-example.js';
import { environmentVariablesOf } from './environment-variable.js';
import { renderEnvExample } from './render-env-example.js';

const LOG_LEVEL = z.enum(['info', 'debug']).default('info').describe('least level');
const schema = z
  .object({
    LOG_LEVEL,
    PORT: z.coerce.number().int().default(4001).describe('port to listen on'),
    SIGNING_SECRET: z.string().min(32).describe('key that signs'),
    ORIGINS: z
      .string()
      .transform((text) => text.split(','))
      .default(['a', 'b'])
      .describe('who may call'),
    SMTP_URL: z.url().optional().describe('mail server'),
  })
  .superRefine(() => undefined);

const { file } = readCompose(`services:
  gateway:
    environment: { SIGNING_SECRET: '\${SIGNING_SECRET:?set it}', LOG_LEVEL: null, PORT: 4000, SMTP_URL: null, ORIGINS: null }
    ports: ['127.0.0.1:\${GATEWAY_PORT:-4000}:4000']
`);

const configurations = {
  auth: environmentVariablesOf(schema),
  gateway: environmentVariablesOf(z.object({ LOG_LEVEL })),
};

describe('.env.example', () => {
  it('knows defaults as text, those behind a transformation included, and choices', () => {
    expect(environmentVariablesOf(schema)).toEqual([
      { name: 'LOG_LEVEL', description: 'least level', standard: 'info', choices: ['info', 'debug'] },
      { name: 'PORT', description: 'port to listen on', standard: '4001', choices: [] },
      { name: 'SIGNING_SECRET', description: 'key that signs', standard: undefined, choices: [] },
      { name: 'ORIGINS', description: 'who may call', standard: 'a,b', choices: [] },
      { name: 'SMTP_URL', description: 'mail server', standard: undefined, choices: [] },
    ]);
  });

  it('refuses a key that nobody described', () => {
    expect(() => environmentVariablesOf(z.object({ NAMELESS: z.string() }))).toThrow('NAMELESS has no description');
  });

  it('has what has to be set, what may be set, and what is set already, each with its description and readers', () => {
    const text = renderEnvExample(file, { configurations });
    expect(text).toContain('# key that signs (auth)\nSIGNING_SECRET=\n');
    expect(text).toContain('# least level; info, debug (all services)\n#LOG_LEVEL=info\n');
    expect(text).toContain(
      '# port of the gateway on 127.0.0.1 of this machine (docker-compose.yml)\n#GATEWAY_PORT=4000\n',
    );
    expect(text.slice(text.indexOf('Set by'))).toContain('#PORT=4001\n');
    const settings = text.split('\n').filter((line) => /^#?[A-Z_]+=/.test(line));
    expect(settings.map((line) => line.replace(/=.*/, ''))).toEqual([
      'SIGNING_SECRET',
      '#COMPOSE_PROFILES',
      '#LOG_LEVEL',
      '#SMTP_URL',
      '#ORIGINS',
      '#GATEWAY_PORT',
      '#PORT',
    ]);
  });

  it('refuses a variable of the Compose file that nobody described', () => {
    const unknown = readCompose("services: { a: { image: 'x:${MYSTERY}' } }").file;
    expect(() => renderEnvExample(unknown, { configurations })).toThrow('docker-compose.yml takes MYSTERY from .env');
  });

  it('breaks its comments at 120 characters', () => {
    const long = {
      auth: [{ name: 'LOG_LEVEL', description: 'word '.repeat(60).trim(), standard: undefined, choices: [] }],
      gateway: [],
    };
    const lines = renderEnvExample(readCompose('services: { a: { environment: { LOG_LEVEL: null } } }').file, {
      configurations: long,
    }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it.each([
    ['A=\n#B=1\n', undefined],
    ['A=\n#B=2\n', '.env.example:2: "#B=2" is here and "#B=1" should be'],
    ['A=\n', '.env.example:2: "" is here and "#B=1" should be'],
    ['A=\n#B=1\nC=\n', '.env.example:3: "C=" is here and "" should be'],
    ['', '.env.example:1: "" is here and "A=" should be'],
  ])('%j against what it should be drifts at the line that is named', (text, expected) => {
    const drift = firstDrift(text, { expected: 'A=\n#B=1\n' });
    expect(drift === undefined ? undefined : `${drift.file}:${drift.line}: ${drift.message}`).toBe(expected);
  });
});

import path from 'node:path';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from '../platform/index.js';
import type { Platform } from '../platform/index.js';
import { DEMO_QUERY } from './demo.js';
import type { Endpoint } from './endpoints.js';
import { terminalStyle } from './terminal-style.js';
import type { TerminalStyle } from './terminal-style.js';
import type { SelfCheck } from './self-check.js';

export interface Report {
  readonly root: string;
  readonly platform: Platform;
  /** Null where there are no demo accounts to try with. */
  readonly checks: SelfCheck | null;
  readonly endpoints: readonly Endpoint[];
  readonly readySeconds: number;
}

/** What `--json` prints. */
export function summary({ platform, checks, endpoints, readySeconds }: Report): Readonly<Record<string, unknown>> {
  const origin = originOf(platform);
  return {
    url: `${origin}/graphql`,
    wsUrl: `${origin.replace('http', 'ws')}/graphql`,
    endpoints: Object.fromEntries(endpoints.map((endpoint) => [endpoint.label.toLowerCase(), origin + endpoint.path])),
    ports: platform.ports,
    pids: Object.fromEntries(Object.values(platform.processes).map(({ name, pid }) => [name, pid])),
    dataDir: platform.dataDir,
    logDir: platform.logDir,
    ...(checks === null ? {} : { accounts: DEMO_ACCOUNTS, password: DEMO_PASSWORD, checks }),
    readySeconds: Number(readySeconds.toFixed(2)),
  };
}

/** What a person sees when everything is up: only what is really there. */
export function banner(report: Report, style: TerminalStyle = terminalStyle(process.stdout)): string {
  const { root, platform, checks, endpoints } = report;
  const origin = originOf(platform);
  const row = (label: string, text: string): string => `  ${style.bold(label.padEnd(10))} ${text}`;
  const failures = Object.entries(checks ?? {}).filter(([, problem]) => problem !== null);
  const subgraphs = Object.entries(platform.ports).filter(([name]) => name !== 'gateway' && name !== 'postgres');
  const postgres = platform.ports['postgres'];
  const bus = (process.env['KAFKA_BROKERS'] ?? '') === '' ? 'events in Postgres' : 'events in Kafka';
  return [
    '',
    ` ${style.bold('ORION')}   ${postgres === undefined ? 'your Postgres' : 'demo mode: embedded Postgres'}, ${bus}   ${style.bold(`ready in ${report.readySeconds.toFixed(1)} s`)}`,
    '',
    row('GraphQL', `${style.link(`${origin}/graphql`)}   POST, WebSocket`),
    ...endpoints.map(({ label, path: at, note }) =>
      row(label, `${style.link(origin + at)}${note === '' ? '' : `   ${style.dim(note)}`}`),
    ),
    ...(postgres === undefined
      ? []
      : [
          row(
            'Postgres',
            `127.0.0.1:${postgres}   ${style.dim(`passwords in ${shown(root, path.join(platform.dataDir, 'secrets.json'))}`)}`,
          ),
        ]),
    row('Logs', shown(root, platform.logDir)),
    '',
    row(
      'Subgraphs',
      subgraphs.map(([name, port]) => `${name} ${port} ${style.mark(checks?.[name] ?? null)}`).join('   '),
    ),
    ...(checks === null
      ? []
      : [row('Live', `subscription over WebSocket ${style.mark(checks['subscription'] ?? null)}`)]),
    ...failures.map(([name, problem]) =>
      style.bad(`             ${name}: ${problem}   (${shown(root, path.join(platform.logDir, `${name}.log`))})`),
    ),
    ...(checks === null
      ? []
      : [
          row('Accounts', `${DEMO_ACCOUNTS.join('  ')}   password: ${DEMO_PASSWORD}`),
          '',
          row('Try it', ''),
          ...tryIt(origin),
        ]),
    '',
    `  ${style.dim('Ctrl-C stops everything.')}`,
    '',
    '',
  ].join('\n');
}

/** Works when pasted into a shell as it stands. */
function tryIt(origin: string): readonly string[] {
  const login = `mutation { login(input: { email: "alice@orion.test", password: "${DEMO_PASSWORD}" }) { tokens { accessToken } } }`;
  const post = `curl -s ${origin}/graphql -H 'content-type: application/json'`;
  return [
    `TOKEN=$(${post} -d '${JSON.stringify({ query: login })}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')`,
    `${post} -H "authorization: Bearer $TOKEN" -d '${JSON.stringify({ query: DEMO_QUERY })}'`,
  ];
}

function originOf(platform: Platform): string {
  return `http://localhost:${platform.ports['gateway']}`;
}

/** Relative to the checkout when inside. */
function shown(root: string, file: string): string {
  const relative = path.relative(root, file);
  return relative.startsWith('..') ? file : relative;
}

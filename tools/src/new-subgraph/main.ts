import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Problem, errorText } from '../problem/index.js';
import { createSubgraph } from './create-subgraph.js';
import type { CreatedSubgraph } from './create-subgraph.js';

const USAGE = 'npm run new-subgraph NAME        for instance: npm run new-subgraph billing';

process.exitCode = await main().catch((error: unknown) => {
  const advice = error instanceof Problem ? error.advice : [];
  console.error([errorText(error), ...advice.map((line) => `  ${line}`)].join('\n'));
  return 1;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      root: { type: 'string', default: path.resolve(import.meta.dirname, '../../..') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name, ...others] = positionals;
  if (values.help || name === undefined || others.length > 0) {
    console.log(USAGE);
    return values.help ? 0 : 1;
  }
  const { root } = values;
  const subgraph = await createSubgraph(root, { name });
  console.log(`made      subgraphs/${name}: ${subgraph.created.length} files, port ${subgraph.port}`);
  console.log(`changed   ${subgraph.changed.join(', ')}`);
  const steps: readonly Step[] = [
    {
      what: 'link',
      shown: 'npm install',
      command: npm(),
      parameters: ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    },
    {
      what: 'format',
      shown: 'npm run format',
      command: bin(root, 'oxfmt/bin/oxfmt'),
      parameters: [...subgraph.created, ...subgraph.changed],
    },
    {
      what: 'build',
      shown: 'npm run build',
      command: bin(root, 'typescript/bin/tsc'),
      parameters: ['-b', `subgraphs/${name}`],
    },
    {
      what: 'compose',
      shown: 'npm run schema',
      command: [process.execPath, path.resolve(import.meta.dirname, '../schema/main.js'), '--root', root],
      parameters: [],
    },
  ];
  for (const [index, step] of steps.entries()) {
    console.log(`${step.what.padEnd(9)} ${step.shown}`);
    const code = await run(step, { cwd: root });
    if (code === 0) continue;
    const rest = steps.slice(index).map(({ shown }) => shown);
    throw new Problem(`${step.shown} failed. subgraphs/${name} is there; what is left to do:`, { advice: rest });
  }
  console.log(whatNext(subgraph));
  return 0;
}

interface Step {
  readonly what: string;
  /** What a person would type for it. */
  readonly shown: string;
  readonly command: readonly string[];
  readonly parameters: readonly string[];
}

async function run({ command, parameters }: Step, { cwd }: { readonly cwd: string }): Promise<number> {
  const [file = '', ...first] = command;
  const child = spawn(file, [...first, ...parameters], { cwd, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

/** The npm that runs this, else the one of the PATH. */
function npm(): readonly string[] {
  const script = process.env['npm_execpath'];
  return script?.endsWith('.js') === true ? [process.execPath, script] : ['npm'];
}

function bin(root: string, script: string): readonly string[] {
  return [process.execPath, path.join(root, 'node_modules', script)];
}

function whatNext({ name, Name, camel }: CreatedSubgraph): string {
  return `
subgraphs/${name} is part of the supergraph. Next:

  npm test -- subgraphs/${name}     its own tests, on a real Postgres
  npm start                       then sign in and ask the gateway:

    mutation { create${Name}Item(input: { title: "First" }) { item { id } userErrors { message } } }
    { me { ${camel}Items(first: 5) { nodes { title createdAt owner { displayName } } } } }

  1. Rename the feature: src/item and what is in it are yours.
  2. After every change of the schema: npm run schema (the diff of schema/ is the review).
  3. Before you commit: npm run check.

docs/adding-a-subgraph.md has the rest: events, permissions, production.`;
}

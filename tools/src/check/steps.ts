import path from 'node:path';

/** One question that `npm run check` asks of the checkout. */
export interface Step {
  readonly name: string;
  /** What a person runs to see or mend just this. */
  readonly alone: string;
  /** Run by the Node that runs us, in the root of the checkout. */
  readonly script: string;
  readonly parameters: readonly string[];
  /** Steps without whose success the answer would mean nothing. */
  readonly needs: readonly string[];
  /** Picks the line of the output that says how it went; else it is the last. */
  readonly verdict?: RegExp;
}

/** All that has to hold before a change is merged, in the order in which the answers come soonest. */
export function steps({
  schemaParameters = [],
}: { readonly schemaParameters?: readonly string[] } = {}): readonly Step[] {
  const bin = (script: string): string => path.join('node_modules', script);
  const tool = (script: string): string => path.join('tools', 'dist', script);
  return [
    {
      name: 'format',
      alone: 'npm run format',
      script: bin('oxfmt/bin/oxfmt'),
      parameters: ['--check', '.'],
      needs: [],
    },
    { name: 'build', alone: 'npm run build', script: bin('typescript/bin/tsc'), parameters: ['-b'], needs: [] },
    {
      name: 'lint',
      alone: 'npx oxlint --type-aware',
      script: bin('oxlint/bin/oxlint'),
      parameters: ['--type-aware', '--deny-warnings'],
      // Rules that know types read those of the other workspaces from what was built.
      needs: ['build'],
    },
    {
      name: 'schema',
      alone: 'npm run schema:check',
      script: tool('schema/main.js'),
      parameters: ['--check', ...schemaParameters],
      needs: ['build'],
    },
    {
      name: 'env-example',
      alone: 'npm run env-example',
      script: tool('images/env-example.js'),
      parameters: ['--check'],
      needs: ['build'],
    },
    {
      name: 'compose',
      alone: 'npm run compose:check',
      script: tool('images/check-compose.js'),
      parameters: [],
      needs: ['build'],
    },
    {
      name: 'test',
      alone: 'npm test',
      script: path.join('tools', 'bootstrap', 'test.mjs'),
      parameters: [],
      needs: ['build'],
      verdict: /^\d+ passed, \d+ failed/,
    },
  ];
}

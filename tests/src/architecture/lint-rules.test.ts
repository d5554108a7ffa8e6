import { createLintSandbox } from './lint-sandbox.js';
import type { LintProblem } from './lint-sandbox.js';

interface Violation {
  readonly what: string;
  readonly rule: string;
  readonly file: string;
  readonly text: string;
  /** Files that must be there for the violation, and are not at fault themselves. */
  readonly beside?: Readonly<Record<string, string>>;
}

const importing = (specifier: string): string =>
  `import { thing } from '${specifier}';\n\nexport const other = thing;\n`;

/** Every example has a file of its own, so that one run of the linter sees them all. */
const numbered = (file: string, number: string): string => file.replace(/(\.test)?\.(tsx?)$/, `-${number}$1.$2`);

const FORBIDDEN_IMPORTS: readonly Violation[] = [
  ['platform', 'another workspace', 'platform/src/log/log.ts', '@orion/gateway'],
  ['the gateway', 'a subgraph', 'gateway/src/start.ts', '@orion/auth'],
  ['the gateway', 'the tools', 'gateway/src/start.ts', '@orion/tools/ports'],
  ['a subgraph', 'another subgraph', 'subgraphs/auth/src/login/login.service.ts', '@orion/user'],
  ['a subgraph', 'the gateway', 'subgraphs/auth/src/config.ts', '@orion/gateway'],
  ['a subgraph', 'the tools', 'subgraphs/auth/src/login/login.test.ts', '@orion/tools/platform'],
  [
    'a subgraph',
    "another subgraph's files",
    'subgraphs/auth/src/login/login.service.ts',
    '../../../user/src/profile/profile.service.js',
  ],
  [
    'a feature',
    "another feature's resolver",
    'subgraphs/auth/src/login/login.service.ts',
    '../session/session.resolver.js',
  ],
  [
    'a feature',
    "another feature's consumer",
    'subgraphs/auth/src/login/login.service.ts',
    '../permission/permission.consumer.js',
  ],
  ['a feature', 'the manifest', 'subgraphs/auth/src/login/login.service.ts', '../subgraph.js'],
  ['the explorer', 'the platform', 'explorer/src/main.tsx', '@orion/platform/log'],
  ['the console', 'the platform', 'console/src/app.tsx', '@orion/platform/log'],
  ['the client', 'the platform', 'client/src/client.ts', '@orion/platform/log'],
].map(([who = '', whom = '', file = '', specifier = ''], index) => ({
  what: `${who} imports ${whom}`,
  rule: 'no-restricted-imports',
  file: numbered(file, `forbidden${index}`),
  text: importing(specifier),
}));

const FORBIDDEN_CODE: readonly Violation[] = [
  {
    what: 'modules import each other in a circle',
    rule: 'import/no-cycle',
    file: 'platform/src/log/circle.ts',
    text: `import { b } from './other-half.js';\n\nexport const a = (): unknown => b;\n`,
    beside: {
      'platform/src/log/other-half.ts': `import { a } from './circle.js';\n\nexport const b = (): unknown => a;\n`,
    },
  },
  {
    what: 'a type is any',
    rule: 'typescript/no-explicit-any',
    file: 'platform/src/log/any.ts',
    text: 'export const a = (value: any): unknown => value;\n',
  },
  {
    what: 'a promise is left alone',
    rule: 'typescript/no-floating-promises',
    file: 'platform/src/log/floating.ts',
    text: 'export function a(): void {\n  Promise.resolve(1);\n}\n',
  },
  {
    what: 'a promise is taken for a condition',
    rule: 'typescript/no-misused-promises',
    file: 'platform/src/log/misused.ts',
    text: 'export const a = (ready: Promise<boolean>): number => (ready ? 1 : 2);\n',
  },
  {
    what: 'a switch forgets a case',
    rule: 'typescript/switch-exhaustiveness-check',
    file: 'platform/src/log/switch.ts',
    text: `export function a(colour: 'red' | 'green'): number {\n  switch (colour) {\n    case 'red':\n      return 1;\n  }\n  return 2;\n}\n`,
  },
  {
    what: 'a value is said not to be null',
    rule: 'typescript/no-non-null-assertion',
    file: 'platform/src/log/null.ts',
    text: 'export const a = (values: readonly string[]): string => values[0]!;\n',
  },
  {
    what: 'a module has a default export',
    rule: 'import/no-default-export',
    file: 'platform/src/log/default-export.ts',
    text: 'export default 1;\n',
  },
  {
    what: 'a file has more than 600 lines',
    rule: 'max-lines',
    file: 'platform/src/log/long.ts',
    text: Array.from({ length: 601 }, (_, index) => `export const a${index} = ${index};\n`).join(''),
  },
];

const ALLOWED_IMPORTS = [
  ['a subgraph imports the platform', 'subgraphs/auth/src/login/login.service.ts', '@orion/platform/events'],
  [
    "a feature imports another feature's service",
    'subgraphs/auth/src/login/login.service.ts',
    '../session/session.service.js',
  ],
  ['a feature imports its own resolver', 'subgraphs/auth/src/login/login.service.ts', './login.resolver.js'],
  ['a test of a feature imports the manifest', 'subgraphs/auth/src/login/login.test.ts', '../subgraph.js'],
  ['the manifest imports a resolver', 'subgraphs/auth/src/subgraph.ts', './login/login.resolver.js'],
  ['the gateway imports the platform', 'gateway/src/start.ts', '@orion/platform/events'],
  ['the console imports the client', 'console/src/app.tsx', '@orion/client'],
  ['the tools import the platform', 'tools/src/schema/main.ts', '@orion/platform/events'],
].map(([what = '', file = '', specifier = ''], index) => ({
  what,
  file: numbered(file, `allowed${index}`),
  text: importing(specifier),
}));

const forbidden = [...FORBIDDEN_IMPORTS, ...FORBIDDEN_CODE];
let problems: readonly LintProblem[];

beforeAll(async () => {
  const sandbox = await createLintSandbox();
  try {
    const beside = forbidden.map((example) => example.beside ?? {});
    const own = [...forbidden, ...ALLOWED_IMPORTS].map(({ file, text }) => ({ [file]: text }));
    problems = await sandbox.lint(Object.assign({}, ...beside, ...own));
  } finally {
    await sandbox.remove();
  }
});

test.each(forbidden)('the linter refuses it when $what', ({ rule, file }) => {
  expect(problems).toContainEqual(expect.objectContaining({ file, rule }));
});

test.each(ALLOWED_IMPORTS)('the linter has nothing against it when $what', ({ file }) => {
  expect(problems.filter((problem) => problem.file === file && problem.rule === 'no-restricted-imports')).toEqual([]);
});

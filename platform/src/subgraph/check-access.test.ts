import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import type { ExecutionResult } from 'graphql';
import type { Viewer } from '../identity/index.js';
import { createCursorSigner } from '../pagination/index.js';
import { testViewer } from '../testing/test-viewer.js';
import { STEP_UP_SECONDS } from './auth-directive.js';
import { enforceAuth } from './enforce-auth.js';
import { contextFactory } from './subgraph-context.js';

const ME = 'me';
const FORMS = {
  public: 'public',
  authenticated: 'authenticated',
  interactive: 'interactive',
  impersonated: 'impersonated',
  own: 'thing:do:own',
  team: 'thing:do:team',
  any: 'thing:do:any',
  interactiveStepUp: 'interactive',
  anyStepUp: 'thing:do:any',
} as const;
type Form = keyof typeof FORMS;
const ALL = Object.keys(FORMS) as Form[];

const fields = ALL.map(
  (form) => `${form}: String @auth(permission: "${FORMS[form]}"${form.endsWith('StepUp') ? ', stepUp: true' : ''})`,
).join('\n');
const schema = enforceAuth(
  buildSubgraphSchema([
    {
      typeDefs: parse(`
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
        directive @auth(permission: String!, stepUp: Boolean! = false) on FIELD_DEFINITION
        type Thing @key(fields: "id") { id: ID!  ownerId: ID!  ${fields} }
        type Query { thing(ownerId: ID!): Thing @auth(permission: "public") ${fields} }
        type Mutation { ${fields} }
      `),
      resolvers: {
        Query: { thing: (_: unknown, { ownerId }: { ownerId: string }) => ({ id: '1', ownerId }) },
      },
    },
  ]),
  { Thing: 'ownerId' },
);

const PLACES = {
  query: (form: Form) => `{ ${form} }`,
  mutation: (form: Form) => `mutation { ${form} }`,
  'own field': (form: Form) => `{ thing(ownerId: "${ME}") { ${form} } }`,
  "other's field": (form: Form) => `{ thing(ownerId: "other") { ${form} } }`,
} as const;
type Place = keyof typeof PLACES;

const now = () => Math.floor(Date.now() / 1_000);
const session = (permissions: string[] = [], changes: Partial<Viewer> = {}) =>
  testViewer({ userId: ME, permissions, ...changes });
const key = (permissions: string[] = []) =>
  testViewer({ userId: ME, kind: 'api-key', permissions, methods: [], authenticatedAt: 0 });
const VIEWERS = {
  nobody: () => null,
  'a session': () => session(),
  'a session with own': () => session([FORMS.own]),
  'a session with team': () => session([FORMS.team]),
  'a session with any': () => session([FORMS.any]),
  'an old session with any': () => session([FORMS.any], { authenticatedAt: now() - STEP_UP_SECONDS - 5 }),
  'an impersonation': () => session([], { impersonatorId: 'admin' }),
  'an impersonation with any': () => session([FORMS.any], { impersonatorId: 'admin' }),
  'a key': () => key(),
  'a key with own': () => key([FORMS.own]),
  'a key with team': () => key([FORMS.team]),
  'a key with any': () => key([FORMS.any]),
} as const;
type Who = keyof typeof VIEWERS;

function run(source: string, viewer: Viewer | null): Promise<ExecutionResult> {
  const contextValue = contextFactory([], createCursorSigner('s'))(
    { viewer, requestId: 'r', clientIp: null, userAgent: null },
    'once',
  );
  return graphql({ schema, source, rootValue: {}, contextValue });
}

/** What is allowed at each place; what is not named is FORBIDDEN. */
const READS: Readonly<Record<Exclude<Who, 'nobody'>, { readonly [P in Place]: readonly Form[] }>> = {
  'a session': {
    query: ['public', 'authenticated', 'interactive', 'own', 'interactiveStepUp'],
    mutation: ['public', 'authenticated', 'interactive', 'own', 'interactiveStepUp'],
    'own field': ['public', 'authenticated', 'interactive', 'own', 'interactiveStepUp'],
    "other's field": ['public', 'authenticated', 'interactive', 'interactiveStepUp'],
  },
  'a session with own': {
    query: ['public', 'authenticated', 'interactive', 'own', 'interactiveStepUp'],
    mutation: ['public', 'authenticated', 'interactive', 'own', 'interactiveStepUp'],
    'own field': ['public', 'authenticated', 'interactive', 'own', 'interactiveStepUp'],
    "other's field": ['public', 'authenticated', 'interactive', 'interactiveStepUp'],
  },
  'a session with team': {
    query: ['public', 'authenticated', 'interactive', 'own', 'team', 'interactiveStepUp'],
    mutation: ['public', 'authenticated', 'interactive', 'own', 'team', 'interactiveStepUp'],
    'own field': ['public', 'authenticated', 'interactive', 'own', 'team', 'interactiveStepUp'],
    "other's field": ['public', 'authenticated', 'interactive', 'team', 'interactiveStepUp'],
  },
  'a session with any': {
    query: ALL.filter((form) => form !== 'impersonated'),
    mutation: ALL.filter((form) => form !== 'impersonated'),
    'own field': ALL.filter((form) => form !== 'impersonated'),
    "other's field": ALL.filter((form) => form !== 'impersonated'),
  },
  'an old session with any': {
    query: ['public', 'authenticated', 'interactive', 'own', 'team', 'any'],
    mutation: ['public', 'authenticated', 'interactive', 'own', 'team', 'any'],
    'own field': ['public', 'authenticated', 'interactive', 'own', 'team', 'any'],
    "other's field": ['public', 'authenticated', 'interactive', 'own', 'team', 'any'],
  },
  'an impersonation': {
    query: ['public', 'authenticated', 'impersonated', 'own'],
    mutation: ['impersonated'],
    'own field': ['public', 'authenticated', 'impersonated', 'own'],
    "other's field": ['public', 'authenticated', 'impersonated'],
  },
  'an impersonation with any': {
    query: ['public', 'authenticated', 'impersonated', 'own', 'team', 'any'],
    mutation: ['impersonated'],
    'own field': ['public', 'authenticated', 'impersonated', 'own', 'team', 'any'],
    "other's field": ['public', 'authenticated', 'impersonated', 'own', 'team', 'any'],
  },
  'a key': {
    query: ['public', 'authenticated'],
    mutation: ['public'],
    'own field': ['public', 'authenticated'],
    "other's field": ['public', 'authenticated'],
  },
  'a key with own': {
    query: ['public', 'authenticated', 'own'],
    mutation: ['public', 'own'],
    'own field': ['public', 'authenticated', 'own'],
    "other's field": ['public', 'authenticated'],
  },
  'a key with team': {
    query: ['public', 'authenticated', 'team'],
    mutation: ['public', 'team'],
    'own field': ['public', 'authenticated', 'team'],
    "other's field": ['public', 'authenticated', 'team'],
  },
  'a key with any': {
    query: ['public', 'authenticated', 'own', 'team', 'any'],
    mutation: ['public', 'own', 'team', 'any'],
    'own field': ['public', 'authenticated', 'own', 'team', 'any'],
    "other's field": ['public', 'authenticated', 'own', 'team', 'any'],
  },
};

/** The right person at the right place, only too long ago. */
const isStale = (who: Who, form: Form) => who === 'an old session with any' && form.endsWith('StepUp');

const cells = (Object.keys(VIEWERS) as Who[]).flatMap((who) =>
  (Object.keys(PLACES) as Place[]).flatMap((place) => ALL.map((form) => [who, place, form] as const)),
);

test.each(cells)('%s at a %s: %s', async (who, place, form) => {
  const { errors = [] } = await run(PLACES[place](form), VIEWERS[who]());
  const codes = errors.map(({ extensions }) => extensions['code']);
  if (who === 'nobody') {
    expect(codes).toEqual(form === 'public' ? [] : ['UNAUTHENTICATED']);
  } else if (READS[who][place].includes(form)) {
    expect(codes).toEqual([]);
  } else {
    expect(codes).toEqual([isStale(who, form) ? 'STEP_UP_REQUIRED' : 'FORBIDDEN']);
  }
});

test('who is asked to step up is told how long ago it may be, and has ten minutes', async () => {
  const at = (secondsAgo: number) => session([], { authenticatedAt: now() - secondsAgo });
  expect((await run('{ interactiveStepUp }', at(STEP_UP_SECONDS - 5))).errors).toBeUndefined();
  const { errors } = await run('{ interactiveStepUp }', at(STEP_UP_SECONDS + 5));
  expect(errors?.[0]?.extensions).toEqual({ code: 'STEP_UP_REQUIRED', maxAgeSeconds: 600 });
});

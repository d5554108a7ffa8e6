import { breakingApiChanges } from './breaking-api-changes.js';
import { breakingEventChanges } from './breaking-event-changes.js';
import { settleBreaking } from './breaking-finding.js';

const API = `type Query {
  me: User
  users(first: Int): [User]
}

type User {
  id: ID!
  email: String
  colour: Colour
}

enum Colour {
  RED
  GREEN
}

input NameInput {
  name: String
}

union Thing = User | Query

directive @tone(level: Int) on FIELD
`;

describe('clients notice', () => {
  test.each([
    ['a field that is gone', ['  email: String\n', ''], 'User.email', 6],
    ['a type that is another', ['email: String', 'email: Int'], 'User.email', 8],
    ['an argument that is gone', ['(first: Int)', ''], 'Query.users(first:)', 3],
    ['an argument of another type', ['first: Int', 'first: String'], 'Query.users(first:)', 3],
    ['an argument that is required now', ['first: Int', 'first: Int, after: ID!'], 'Query.users(after:)', 3],
    ['an input field that is required now', ['name: String', 'name: String\n  age: Int!'], 'NameInput.age', 19],
    ['an enum value that is gone', ['  GREEN\n', ''], 'Colour.GREEN', 12],
    ['a union member that is gone', ['User | Query', 'User'], 'Thing', 21],
    ['a type of another kind', ['input NameInput', 'type NameInput'], 'NameInput', 17],
    ['a directive that is gone', ['directive @tone(level: Int) on FIELD\n', ''], '@tone', null],
  ] as const)('%s', (_what, [before, after], subject, line) => {
    const findings = breakingApiChanges(API, { next: API.replace(before, after), baseName: 'origin/main' });
    expect(findings).toEqual([
      expect.objectContaining({
        file: 'schema/api.graphql',
        line,
        subject,
        message: expect.stringContaining('breaking change: '),
      }),
    ]);
  });

  test('nothing of what is only added, or described in other words', () => {
    const next = API.replace('type User {', '"A person."\ntype User {\n  name: String').replace(
      'first: Int',
      'first: Int, after: ID',
    );
    expect(breakingApiChanges(API, { next, baseName: 'HEAD' })).toEqual([]);
  });

  test('where it was, to find it again', () => {
    const [finding] = breakingApiChanges(API, { next: API.replace('  email: String\n', ''), baseName: 'origin/main' });
    expect(finding?.message).toContain('(origin/main:schema/api.graphql:8)');
  });
});

const TYPE = 'dev.orion.thing.made.v1';
const SCHEMA = {
  type: 'object',
  properties: {
    thingId: { type: 'string', description: 'Id.' },
    size: { type: 'integer', minimum: 0 },
    owner: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    tags: { type: 'array', items: { type: 'string', maxLength: 10 } },
    note: { type: 'string' },
  },
  required: ['thingId', 'size', 'owner', 'tags'],
};

function changed(change: (schema: typeof SCHEMA & Record<string, unknown>) => void, base: object = SCHEMA) {
  const next = structuredClone(base) as typeof SCHEMA & Record<string, unknown>;
  change(next);
  return breakingEventChanges(TYPE, {
    base: JSON.stringify(base),
    next: JSON.stringify(next, null, 2),
    baseName: 'origin/main',
  });
}

describe('readers of an event notice', () => {
  test.each<[string, Parameters<typeof changed>[0], string]>([
    ['a property that is gone', ({ properties }) => Reflect.deleteProperty(properties, 'note'), 'no longer has note'],
    ['a property that may be absent now', ({ required }) => required.shift(), 'makes thingId optional'],
    ['a property that must be there now', ({ required }) => required.push('note'), 'makes note required'],
    [
      'a new property that must be there',
      ({ properties, required }) => {
        Object.assign(properties, { colour: {} });
        required.push('colour');
      },
      'requires colour',
    ],
    [
      'another type',
      ({ properties }) => Object.assign(properties.size, { type: 'string' }),
      'changes size: type was "integer" and is "string"',
    ],
    [
      'a narrower range',
      ({ properties }) => Object.assign(properties.size, { minimum: 1 }),
      'changes size: minimum was 0 and is 1',
    ],
    [
      'a wider range',
      ({ properties }) => Object.assign(properties.size, { minimum: -1 }),
      'changes size: minimum was 0 and is -1',
    ],
    [
      'a property inside a property',
      ({ properties }) => Reflect.deleteProperty(properties.owner.properties, 'name'),
      'no longer has owner.name',
    ],
    [
      'what is in a list',
      ({ properties }) => Object.assign(properties.tags.items, { maxLength: 5 }),
      'changes tags.items: maxLength was 10 and is 5',
    ],
    [
      'that others are refused now',
      (schema) => Object.assign(schema, { additionalProperties: false }),
      'additionalProperties was absent',
    ],
  ])('%s', (_what, change, message) => {
    const findings = changed(change);
    expect(findings.map((finding) => finding.message).join('\n')).toContain(message);
    expect(findings[0]).toMatchObject({ file: `schema/events/${TYPE}.json`, subject: TYPE, line: expect.any(Number) });
    expect(findings[0]?.message).toContain('publish dev.orion.thing.made.v2 instead');
  });

  test('the line of the change', () => {
    const [finding] = changed(({ properties }) => Object.assign(properties.size, { minimum: 1 }));
    expect(finding?.line).toBe(10);
  });

  test('an event that is gone', () => {
    const [finding] = breakingEventChanges(TYPE, { base: JSON.stringify(SCHEMA), next: null, baseName: 'origin/main' });
    expect(finding?.message).toContain(`event ${TYPE} was removed`);
  });

  test('a new property, when they refuse what they do not know', () => {
    const strict = { ...SCHEMA, additionalProperties: false };
    const findings = changed(({ properties }) => Object.assign(properties, { colour: { type: 'string' } }), strict);
    expect(findings).toEqual([expect.objectContaining({ message: expect.stringContaining('its readers refuse') })]);
  });

  test('neither a new property that may be absent nor other words', () => {
    const findings = changed(({ properties }) => {
      Object.assign(properties, { colour: { type: 'string' } });
      Object.assign(properties.thingId, { description: 'Id of the thing.' });
    });
    expect(findings).toEqual([]);
  });
});

describe('a breaking change', () => {
  const findings = breakingApiChanges(API, { next: API.replace('(first: Int)', ''), baseName: 'HEAD' });

  test('is an error that says how to let it through', () => {
    const [finding] = settleBreaking(findings, { allowAll: false, allowed: ['User'] });
    expect(finding).toMatchObject({
      severity: 'error',
      hint: expect.stringContaining('Allow-Breaking: Query.users(first:)'),
    });
  });

  test.each(['Query.users(first:)', 'Query.users', 'Query'])('is a warning when a trailer names %s', (name) => {
    const [finding] = settleBreaking(findings, { allowAll: false, allowed: [name] });
    expect(finding).toMatchObject({ severity: 'warning', message: expect.stringContaining('(allowed)') });
  });

  test('is a warning when all are allowed', () => {
    expect(settleBreaking(findings, { allowAll: true, allowed: [] })[0]?.severity).toBe('warning');
  });
});

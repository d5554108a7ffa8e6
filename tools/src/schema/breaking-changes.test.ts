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
    locale: { type: ['string', 'null'] },
    from: {
      anyOf: [
        { const: 'beginning' },
        { type: 'object', properties: { title: { type: 'string' }, at: { enum: ['a', 'b'] } }, required: ['title'] },
      ],
    },
    place: { $ref: '#/$defs/place' },
  },
  'x-orion-topic': 'orion.thing',
  'x-orion-source': '/subgraphs/thing',
  'x-orion-key': 'thingId',
  $defs: { place: { type: 'object', properties: { x: { type: 'number' } } } },
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
      'changes tags[]: maxLength was 10 and is 5',
    ],
    [
      'null where there was none',
      ({ properties }) => Object.assign(properties.note, { type: ['string', 'null'] }),
      'lets note be null',
    ],
    [
      'no null where there was one',
      ({ properties }) => Object.assign(properties.locale, { type: 'string' }),
      'no longer lets locale be null',
    ],
    [
      'null as an alternative to all that there was',
      ({ properties }) =>
        Object.assign(properties, { owner: { anyOf: [structuredClone(properties.owner), { type: 'null' }] } }),
      'lets owner be null',
    ],
    ['an alternative that is gone', ({ properties }) => properties.from.anyOf.pop(), 'changes from: anyOf was'],
    [
      'a property of an alternative, though it is called like a keyword',
      ({ properties }) => Reflect.deleteProperty(properties.from.anyOf[1]?.properties ?? {}, 'title'),
      'no longer has from (alternative 2).title',
    ],
    [
      'a value that is no longer one of the list',
      ({ properties }) => properties.from.anyOf[1]?.properties?.at.enum.pop(),
      'changes from (alternative 2).at: enum was ["a","b"] and is ["a"]',
    ],
    [
      'a value more in the list',
      ({ properties }) => properties.from.anyOf[1]?.properties?.at.enum.push('c'),
      'changes from (alternative 2).at: enum was ["a","b"] and is ["a","b","c"]',
    ],
    [
      'what a definition says',
      ({ $defs }) => Object.assign($defs.place.properties.x, { minimum: 0 }),
      'changes $defs.place.x: minimum was absent and is 0',
    ],
    [
      'another definition',
      ({ properties }) => Object.assign(properties.place, { $ref: '#/$defs/other' }),
      'changes place: $ref was "#/$defs/place" and is "#/$defs/other"',
    ],
    [
      'a property that nothing satisfies any more',
      ({ properties }) => Object.assign(properties, { note: false }),
      'changes note: was {"type":"string"} and is false',
    ],
    [
      'another topic',
      (schema) => Object.assign(schema, { 'x-orion-topic': 'orion.other' }),
      'changes its topic: was "orion.thing" and is "orion.other"',
    ],
    [
      'another producer',
      (schema) => Object.assign(schema, { 'x-orion-source': '/subgraphs/other' }),
      'changes its source: was "/subgraphs/thing" and is "/subgraphs/other"',
    ],
    [
      'another key',
      (schema) => Object.assign(schema, { 'x-orion-key': 'owner.name' }),
      'changes its key: was "thingId" and is "owner.name"',
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

  test('a new property that may have been there with other data, or that another part speaks of', () => {
    const open = { ...SCHEMA, additionalProperties: { type: 'integer' } };
    const add = ({ properties }: typeof SCHEMA) => Object.assign(properties, { colour: { type: 'string' } });
    expect(changed(add, open)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('has a new colour, which older events may have') }),
    ]);
    const combined = { ...SCHEMA, allOf: [{ properties: { colour: { type: 'integer' } } }] };
    expect(changed(add, combined)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('of which allOf may say otherwise') }),
    ]);
  });

  test('a property of combined schemas, though it is called like a keyword', () => {
    const combined = { ...SCHEMA, allOf: [{ properties: { title: { type: 'integer' } } }] };
    expect(changed(({ allOf }) => Object.assign(allOf as object, [{ properties: {} }]), combined)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('changes data: allOf was') }),
    ]);
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

  test('nothing of where it travels when they were not told before', () => {
    const { 'x-orion-topic': _topic, 'x-orion-source': _source, 'x-orion-key': _key, ...base } = SCHEMA;
    const told = (schema: object) => Object.assign(schema, { 'x-orion-topic': 'orion.thing', 'x-orion-key': 'size' });
    expect(changed(told, base)).toEqual([]);
  });

  test('neither a new property that may be absent nor other words', () => {
    const findings = changed(({ properties, $defs }) => {
      Object.assign(properties, { colour: { type: 'string' } });
      Object.assign(properties.owner.properties, { title: { type: 'string' } });
      Object.assign(properties.from.anyOf[1]?.properties ?? {}, { description: { type: 'string' } });
      Object.assign($defs.place.properties, { y: { type: 'number' } });
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

import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { parse } from 'graphql';
import { composeSdl } from '../testing/compose-sdl.js';
import type { PlannedOperation } from './planner.js';
import { PlanningError } from './planning-error.js';
import { rewriteSupergraph } from './rewrite-supergraph.js';
import { loadSupergraphPlanner } from './supergraph-planner.js';
import type { SupergraphPlanner } from './supergraph-planner.js';

async function plannerOf(subgraphs: Readonly<Record<string, string>>): Promise<SupergraphPlanner> {
  return loadSupergraphPlanner(await composeSdl(subgraphs));
}

interface Fetch {
  readonly path: string;
  readonly subgraph: string;
  readonly operation: string;
  /** `Type{key other}` */
  readonly requires: string;
}

/** The fetches of a plan in the order in which it lists them. */
function fetchesOf({ node }: PlannedOperation): Fetch[] {
  if (node === undefined) return [];
  if (node.kind !== 'Subscription') return walk(node, '');
  return [fetchAt(node.primary, ''), ...(node.rest === undefined ? [] : walk(node.rest, ''))];
}

function walk(node: PlanNode, path: string): Fetch[] {
  switch (node.kind) {
    case 'Fetch':
      return [fetchAt(node, path)];
    case 'Flatten':
      return walk(node.node, node.path.join('.'));
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap((child) => walk(child, path));
    case 'Condition':
    case 'Defer':
      throw new Error(`unexpected ${node.kind}`);
  }
}

function fetchAt({ serviceName, operation, requires }: FetchNode, path: string): Fetch {
  return { path, subgraph: serviceName, operation, requires: (requires ?? []).map(printRequired).join(' ') };
}

function printRequired(selection: QueryPlanSelectionNode): string {
  const name = selection.kind === 'Field' ? selection.name : (selection.typeCondition ?? '');
  return selection.selections === undefined ? name : `${name}{${selection.selections.map(printRequired).join(' ')}}`;
}

function plan(planner: SupergraphPlanner, text: string, overrides: readonly string[] = []): Fetch[] {
  return fetchesOf(planner.plan({ text, overrides }));
}

function failureOf(planner: SupergraphPlanner, text: string): PlanningError {
  try {
    planner.plan({ text, overrides: [] });
  } catch (error) {
    if (error instanceof PlanningError) return error;
    throw error;
  }
  throw new Error('it was planned');
}

describe('keys', () => {
  test('an entity is asked for by a key that its subgraph resolves, not by the first that it names', async () => {
    const planner = await plannerOf({
      registry: `
        type Badge @key(fields: "serial") @key(fields: "holder", resolvable: false)
          @key(fields: "place { row seat }", resolvable: false)
          @key(fields: "serial place { seat deck }", resolvable: false) { serial: ID! holder: ID! place: Place! label: String! }
        type Place { row: ID! seat: ID! deck: ID! }`,
      hall: `
        type Query { hall: Hall }
        type Hall @key(fields: "id") { id: ID! badges: [Badge!]! }
        type Badge @key(fields: "place { row seat }", resolvable: false) @key(fields: "serial place { seat deck }")
          @key(fields: "holder", resolvable: false) @key(fields: "serial", resolvable: false)
          { serial: ID! holder: ID! place: Place! label: String! @external shout: String! @requires(fields: "label") }
        type Place { row: ID! seat: ID! deck: ID! }`,
    });
    const shout = plan(planner, '{ hall { badges { label shout } } }').find((fetch) =>
      fetch.operation.includes('shout'),
    );
    expect(shout?.requires).toBe('Badge{__typename label serial place{seat deck}}');
  });
});

describe('what no subgraph can answer', () => {
  let planner: SupergraphPlanner;

  beforeAll(async () => {
    planner = await plannerOf({
      map: `
        interface Spot @key(fields: "id") { id: ID! }
        type Shop @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }
        type Query { spot: Spot shop: Shop! }`,
      shops: `
        type Spot @key(fields: "id", resolvable: false) @interfaceObject { id: ID! note: String }
        interface Shop @key(fields: "id") { id: ID! name: String }
        type Bakery implements Shop @key(fields: "id") { id: ID! name: String }
        type Query { nearest: Spot }`,
    });
  });

  test('is an error and not null, when the whole plan is empty', () => {
    expect(failureOf(planner, '{ spot { note } }')).toMatchObject({
      failure: 'unanswerable',
      message: 'no subgraph can answer Query.spot at spot',
    });
  });

  test('is an error and not null, when the plan answers the rest', () => {
    expect(failureOf(planner, '{ here: spot { id why: note } shop { name } }').message).toBe(
      'no subgraph can answer Spot.note at here.why',
    );
  });

  test('says so when the planner gives up', () => {
    expect(failureOf(planner, '{ nearest { id __typename } }')).toMatchObject({
      failure: 'unanswerable',
      message: expect.stringMatching(/^the operation cannot be planned: /) as string,
    });
  });

  test('leaves what can be answered alone', () => {
    expect(plan(planner, '{ spot { id } shop { id name } }').map(({ subgraph }) => subgraph)).toEqual(['map', 'shops']);
    expect(plan(planner, '{ nearest { note } }')).toHaveLength(1);
  });

  test('does not count the gateway’s own fields', () => {
    expect(plan(planner, '{ __typename __schema { queryType { name } } __type(name: "Shop") { name } }')).toEqual([]);
  });

  test('does not count a type that the subgraphs of a shared field do not have in common', async () => {
    const shared = await plannerOf({
      one: `type Query { item: Item @shareable } union Item = Book | Song type Book @shareable { title: String } type Song @shareable { title: String }`,
      two: `type Query { item: Item @shareable } union Item = Book | Film type Book @shareable { title: String } type Film @shareable { title: String }`,
    });
    expect(plan(shared, '{ item { ... on Film { title } ... on Book { title } } }')).toHaveLength(1);
    expect(plan(shared, '{ item { ... on Film { title } } }')).toHaveLength(1);
  });
});

describe('required fields with arguments', () => {
  const shop = `
    type Query { product: Product }
    type Product @key(fields: "id") { id: ID! price(currency: String!): Float }`;
  const rates = `
    type Product @key(fields: "id") {
      id: ID!
      price(currency: String!): Float @external
      inDollars: String @requires(fields: "price(currency: \\"USD\\")")
      inEuros: String @requires(fields: "price(currency: \\"EUR\\")")
      weight: Int
    }`;
  let planner: SupergraphPlanner;

  beforeAll(async () => {
    planner = await plannerOf({ shop, rates });
  });

  const TWIN = { dollars: 'price__r0', euros: 'price__r1' };

  test('do not take the place of what the client asks for with other arguments', () => {
    const [first, second] = plan(planner, '{ product { inDollars price(currency: "GBP") } }');
    expect(first?.operation).toContain('price__r0:price(currency:"USD")');
    expect(first?.operation).toContain('price(currency:"GBP")');
    expect(second?.requires).toBe('Product{__typename id price__r0}');
  });

  test('do not take the place of what the client asks for with a variable', () => {
    const [first] = plan(planner, 'query ($in: String!) { product { inDollars price(currency: $in) } }');
    expect(first?.operation).toContain('price(currency:$in)');
    expect(first?.operation).toContain('price__r0:price(currency:"USD")');
  });

  test('do not take the place of what another fragment of the client asks for', () => {
    const [first] = plan(
      planner,
      '{ product { ... on Product { price(currency: "GBP") } ... on Product { inDollars } } }',
    );
    expect(first?.operation).toMatch(/[{ )]price\(currency:"GBP"\)/);
    expect(first?.operation).toContain('price__r0:price(currency:"USD")');
  });

  test('that are required with several values make as many fetches, each for what it is good for', () => {
    const planned = planner.plan({ text: '{ product { inDollars inEuros weight } }', overrides: [] });
    const [first, ...others] = fetchesOf(planned);
    expect(first?.operation).toContain('price__r0:price(currency:"USD")');
    expect(first?.operation).toContain('price__r1:price(currency:"EUR")');
    expect(others.map(({ requires, operation }) => [requires, operation])).toEqual([
      [
        `Product{__typename id ${TWIN.dollars}}`,
        'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{inDollars weight}}}',
      ],
      [
        `Product{__typename id ${TWIN.euros}}`,
        'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{inEuros}}}',
      ],
    ]);
    expect(planned.node).toMatchObject({ kind: 'Sequence', nodes: [{ kind: 'Fetch' }, { kind: 'Parallel' }] });
    expect(planned.twins).toMatchObject({ price__r0: { field: 'price' }, price__r1: { field: 'price' } });
  });

  test('keep the variables of the fields that each fetch asks for', async () => {
    const withArguments = await plannerOf({
      shop,
      rates: rates.replace('inEuros:', 'inEuros(digits: Int):').replace('inDollars:', 'inDollars(style: String):'),
    });
    const { node } = withArguments.plan({
      text: 'query ($d: Int, $s: String) { product { inDollars(style: $s) inEuros(digits: $d) } }',
      overrides: [],
    });
    const split = node?.kind === 'Sequence' ? node.nodes[1] : undefined;
    const fetches = split?.kind === 'Parallel' ? split.nodes : [];
    expect(fetches).toMatchObject([
      { node: { variableUsages: ['s'], operation: expect.stringContaining('$s:String){') as string } },
      { node: { variableUsages: ['d'], operation: expect.stringContaining('$d:Int){') as string } },
    ]);
  });

  test('have their twins on interfaces and on what implements them', async () => {
    const media = await plannerOf({
      library: `
        type Query { page: Page }
        type Page @key(fields: "id") { id: ID! cover: Media }
        interface Media { url(size: Int): String! }
        type Photo implements Media { url(size: Int): String! }
        type Film implements Media { url(size: Int): String! }`,
      thumbs: `
        type Page @key(fields: "id") { id: ID! cover: Media @external thumb: String @requires(fields: "cover { url(size: 1) }") }
        interface Media { url(size: Int): String! }
        type Photo implements Media { url(size: Int): String! @external }
        type Film implements Media { url(size: Int): String! @external }`,
    });
    const [first, second] = plan(media, '{ page { thumb cover { url(size: 9) } } }');
    expect(first?.operation).toContain('url__r0:url(size:1)');
    expect(first?.operation).toContain('url(size:9)');
    expect(second?.requires).toBe('Page{__typename id cover{url__r0}}');
  });

  test('may themselves require a field with arguments', async () => {
    const chain = await plannerOf({
      a: `type Query { t: T } type T @key(fields: "id") { id: ID! base(n: Int): Int }`,
      b: `type T @key(fields: "id") { id: ID! base(n: Int): Int @external middle(m: Int): Int @requires(fields: "base(n: 1)") }`,
      c: `type T @key(fields: "id") { id: ID! middle(m: Int): Int @external top: Int @requires(fields: "middle(m: 2)") }`,
    });
    const operations = plan(chain, '{ t { top middle(m: 3) } }').map(({ operation }) => operation);
    expect(operations[0]).toContain('base__r0:base(n:1)');
    expect(operations[1]).toMatch(/middle__r1:middle\(m:2\)/);
    expect(operations[1]).toMatch(/[{ )]middle\(m:3\)/);
    expect(operations[2]).toContain('{top}');
  });

  test('leave the schema of the clients as it is', () => {
    expect(planner.facts.apiSdl).not.toContain('__r');
    expect(planner.facts.supergraphSdl).toContain('price__r0: Float');
  });

  test('have names that no field has', async () => {
    const taken = await plannerOf({
      shop: shop.replace('id: ID!', 'id: ID! price__r0: Int @shareable'),
      rates,
    });
    const [first] = plan(taken, '{ product { price__r0 inDollars } }');
    expect(first?.operation).toMatch(/price__r\d:price\(currency:"USD"\)/);
    expect(first?.operation).not.toContain('price__r0:price');
  });
});

describe('context', () => {
  test('an argument from a context gets its value from the objects above, its own arguments included', async () => {
    const planner = await plannerOf({
      a: `
        type Query { shelves: [Shelf!]! }
        type Shelf @key(fields: "id") @context(name: "shelf") { id: ID! width(unit: String): Int! boxes: [Box!]! }
        type Box @key(fields: "id") { id: ID! fits(count: Int, width: Int @fromContext(field: "$shelf { width(unit: \\"mm\\") }")): Boolean! }`,
      b: `type Query { idle: Int } type Box @key(fields: "id") { id: ID! colour: String }`,
    });
    const { node } = planner.plan({
      text: '{ shelves { width(unit: "in") boxes { fits(count: 2) } } }',
      overrides: [],
    });
    const [first, second] = node?.kind === 'Sequence' ? node.nodes : [];
    expect(first).toMatchObject({ operation: expect.stringContaining('width__r0:width(unit:"mm")') as string });
    expect(first).toMatchObject({ operation: expect.stringContaining('width(unit:"in")') as string });
    expect(second).toMatchObject({
      path: ['shelves', '@', 'boxes', '@'],
      node: {
        operation: expect.stringContaining('fits(count:2 width:$contextualArgument_1_0)') as string,
        variableUsages: ['contextualArgument_1_0'],
        contextRewrites: [
          { kind: 'KeyRenamer', path: ['..', '... on Shelf', 'width__r0'], renameKeyTo: 'contextualArgument_1_0' },
        ],
      },
    });
  });
});

describe('progressive override', () => {
  test('a field moves for the operations whose label is on', async () => {
    const planner = await plannerOf({
      old: `type Query { t: T } type T @key(fields: "id") { id: ID! name: String title: String }`,
      new: `type T @key(fields: "id") {
        id: ID!
        name: String @override(from: "old", label: "percent(5)")
        title: String @override(from: "old", label: "new-titles")
      }`,
    });
    expect(planner.facts.overrideLabels).toEqual(['new-titles', 'percent(5)']);
    const subgraphs = (overrides: readonly string[]): string[] =>
      plan(planner, '{ t { name } }', overrides).map(({ subgraph }) => subgraph);
    expect(subgraphs([])).toEqual(['old']);
    expect(subgraphs(['new-titles'])).toEqual(['old']);
    expect(subgraphs(['percent(5)'])).toEqual(['old', 'new']);
  });
});

describe('what defeats the planner as it is sent', () => {
  const subgraphs = {
    shelter: `
      type Query { pets: [Pet!]! }
      interface Pet @key(fields: "id") { id: ID! }
      type Cat implements Pet @key(fields: "id") { id: ID! }
      type Dog implements Pet @key(fields: "id") { id: ID! }`,
    vet: `
      type Pet @interfaceObject @key(fields: "id") { id: ID! name: String weight(unit: String): Int visits: [Visit!]! }
      type Visit @key(fields: "id") { id: ID! pet: Pet }`,
    signs: `
      type Pet @interfaceObject @key(fields: "id") {
        id: ID!
        name: String @external
        weight(unit: String): Int @external
        shout: String @requires(fields: "name")
        size: String @requires(fields: "weight(unit: \\"g\\")")
      }`,
  };
  const TEXT = '{ pets { visits { pet { ... on Cat { a: shout } ... on Dog { size } b: shout c: size shout } } } }';

  test('is planned with its abstract selections spelled out', async () => {
    const supergraph = await composeSdl(subgraphs);
    const fetched = plan(loadSupergraphPlanner(supergraph), TEXT).map(({ operation }) => operation);
    for (const field of ['a:shout', 'b:shout', 'c:size', '[{ ]size', '[{ ]shout'])
      expect(fetched.some((operation) => new RegExp(field).test(operation))).toBe(true);
  });

  test('is not planned by the planner alone', async () => {
    const supergraph = Supergraph.build(rewriteSupergraph(await composeSdl(subgraphs)).sdl, {
      validateSupergraph: false,
    });
    const operation = operationFromDocument(supergraph.apiSchema(), parse(TEXT));
    expect(() => new QueryPlanner(supergraph, { reuseQueryFragments: false }).buildQueryPlan(operation)).toThrow(
      /create a cycle/,
    );
  });
});

describe('required fields that require others', () => {
  let planner: SupergraphPlanner;

  beforeAll(async () => {
    planner = await plannerOf({
      goods: `
        type Query { crates: [Crate] }
        type Crate @key(fields: "id") { id: ID! weight(unit: String): Int }`,
      freight: `
        type Query { shipment: Shipment }
        type Mutation { load(id: ID!): Crate unload: Int }
        type Subscription { loaded: Crate }
        type Shipment { crates: [Crate!]! }
        type Crate @key(fields: "id") {
          id: ID!
          weight(unit: String): Int @external
          cost(in: String): Float @requires(fields: "weight(unit: \\"kg\\")")
        }`,
      customs: `
        type Crate @key(fields: "id") { id: ID! cost(in: String): Float @external duty: Float @requires(fields: "cost") }`,
    });
  });

  const DUTY = [
    ['freight', '', ''],
    ['goods', 'shipment.crates.@', 'Crate{__typename id}'],
    ['freight', 'shipment.crates.@', 'Crate{__typename id weight__r0}'],
    ['customs', 'shipment.crates.@', 'Crate{__typename cost id}'],
  ];
  const order = (text: string): string[][] =>
    plan(planner, text).map(({ subgraph, path, requires }) => [subgraph, path, requires]);

  test('are asked for when what they require is known, although their subgraph is asked first', () => {
    const text = '{ shipment { crates { duty } } }';
    expect(order(text)).toEqual(DUTY);
    const [first, second, third] = plan(planner, text);
    expect(first?.operation).toBe('{shipment{crates{__typename id}}}');
    expect(second?.operation).toContain('weight__r0:weight(unit:"kg")');
    expect(third?.operation).toContain('{...on Crate{cost}}');
  });

  test('are asked for by an operation that has the name that the fetch says', () => {
    const { node } = planner.plan({ text: 'query Duty { shipment { crates { duty } } }', overrides: [] });
    const later = node?.kind === 'Sequence' ? node.nodes[2] : undefined;
    expect(later).toMatchObject({
      node: {
        operationName: 'Duty__freight__0__later',
        operation: expect.stringMatching(/^query Duty__freight__0__later\(/) as string,
      },
    });
  });

  test('keep apart from the same field with the client’s arguments', () => {
    const fetches = plan(planner, 'query ($in: String) { shipment { crates { duty price: cost(in: $in) } } }');
    const freight = fetches.filter(({ subgraph, path }) => subgraph === 'freight' && path !== '');
    expect(freight.map(({ operation }) => operation.replace(/^.*on Crate/, '')).toSorted()).toEqual([
      '{cost}}}',
      '{price:cost(in:$in)}}}',
    ]);
  });

  test('are asked for in time after a mutation and for an event', () => {
    expect(order('mutation { load(id: 1) { duty } unload }').map(([subgraph]) => subgraph)).toEqual([
      'freight',
      'goods',
      'freight',
      'customs',
    ]);
    expect(order('subscription { loaded { duty } }').map(([subgraph]) => subgraph)).toEqual([
      'freight',
      'goods',
      'freight',
      'customs',
    ]);
  });

  test('are left where they are when the plan is right', () => {
    expect(order('{ crates { duty } }').map(([subgraph]) => subgraph)).toEqual(['goods', 'freight', 'customs']);
  });
});

describe('kinds of operations', () => {
  let planner: SupergraphPlanner;

  beforeAll(async () => {
    planner = await plannerOf({
      a: `
        type Query { t: T }
        type Mutation { a: T }
        type Subscription { changed: T }
        type T @key(fields: "id") { id: ID! price(in: String): Int }`,
      b: `
        type Mutation { b: T }
        type T @key(fields: "id") { id: ID! price(in: String): Int @external text: String @requires(fields: "price(in: \\"USD\\")") }`,
    });
  });

  test('a subscription is a stream and what completes its events', () => {
    const text = 'subscription { changed { text price(in: "EUR") } }';
    expect(planner.plan({ text, overrides: [] }).node).toMatchObject({
      kind: 'Subscription',
      primary: { operation: expect.stringContaining('price__r0:price(in:"USD")') as string },
    });
    expect(plan(planner, text).map(({ subgraph, path }) => [subgraph, path])).toEqual([
      ['a', ''],
      ['b', 'changed'],
    ]);
  });

  test('the fields of a mutation run one after the other', () => {
    expect(plan(planner, 'mutation { b { id } a { id } again: b { id } }').map(({ subgraph }) => subgraph)).toEqual([
      'b',
      'a',
      'b',
    ]);
  });
});

describe('loading', () => {
  test('takes supergraphs that demand something of callers, or have costs', async () => {
    const planner = await plannerOf({
      a: `
        type Query {
          open: Int
          mine: Int @authenticated
          scoped: [Int] @requiresScopes(scopes: [["read"]]) @listSize(assumedSize: 10)
          decided: Int @policy(policies: [["vip"]]) @cost(weight: 5)
        }`,
    });
    expect(plan(planner, '{ open mine scoped decided }')).toHaveLength(1);
    expect(planner.facts.supergraphSdl).toContain('@requiresScopes(scopes: [["read"]])');
    expect(planner.facts.apiSdl).not.toContain('requiresScopes');
  });

  test('takes supergraphs of Federation 1', () => {
    const planner = loadSupergraphPlanner(`
      schema
        @core(feature: "https://specs.apollo.dev/core/v0.2")
        @core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION) { query: Query }
      directive @core(as: String, feature: String!, for: core__Purpose) repeatable on SCHEMA
      directive @join__field(graph: join__Graph, provides: join__FieldSet, requires: join__FieldSet) on FIELD_DEFINITION
      directive @join__graph(name: String!, url: String!) on ENUM_VALUE
      directive @join__owner(graph: join__Graph!) on INTERFACE | OBJECT
      directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on INTERFACE | OBJECT
      enum core__Purpose { EXECUTION SECURITY }
      scalar join__FieldSet
      enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b", url: "http://b") }
      type Product @join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
        id: ID! @join__field(graph: A)
        price(in: String): Int @join__field(graph: A)
        label: String @join__field(graph: B, requires: "price(in: \\"USD\\")")
      }
      type Query { product: Product @join__field(graph: A) }`);
    expect(plan(planner, '{ product { label } }').map(({ subgraph }) => subgraph)).toEqual(['a', 'b']);
    expect(planner.facts.keyFieldNames).toContain('price');
  });

  test('refuses what is no supergraph', () => {
    expect(() => loadSupergraphPlanner('no supergraph')).toThrow(/Syntax Error/);
    expect(() => loadSupergraphPlanner('type Query { a: Int }')).toThrow(/must be a core schema/);
  });

  test('refuses a feature that it would have to execute and cannot', async () => {
    const sdl = (await composeSdl({ a: 'type Query { a: Int }' })).replace(
      'schema\n',
      'schema @link(url: "https://specs.apollo.dev/connect/v0.1", for: EXECUTION)\n',
    );
    expect(() => loadSupergraphPlanner(sdl)).toThrow(/connect\/v0\.1 is for: EXECUTION but is unsupported/);
  });

  test('refuses a supergraph whose types do not fit together', async () => {
    const sdl = await composeSdl({ a: 'type Query { a: T } type T { x: Int }' });
    expect(() => loadSupergraphPlanner(sdl.replace('a: T', 'a: Unknown'))).toThrow(/Unknown/);
  });

  test('knows the names that plans need', async () => {
    const planner = await plannerOf({
      a: `
        type Query { t: T @provides(fields: "given") }
        type T @key(fields: "id place { row }") { id: ID! place: P! given: Int @external other: Int }
        type P @shareable { row: Int }`,
      b: `
        type T @key(fields: "id place { row }") { id: ID! place: P! given: Int @shareable base: Int }
        type P @shareable { row: Int }`,
      c: `
        type T @key(fields: "id place { row }") { id: ID! place: P! base: Int @external sum: Int @requires(fields: "base") }
        type P @shareable { row: Int }`,
    });
    expect(planner.facts.keyFieldNames.toSorted()).toEqual(['__typename', 'base', 'given', 'id', 'place', 'row']);
  });
});

import {
  GraphQLBoolean,
  GraphQLNonNull,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import type { GraphQLArgument, GraphQLCompositeType, GraphQLField, GraphQLInputType, GraphQLSchema } from 'graphql';
import { inputValue, literal } from './input-values.js';
import type { Random } from './random.js';

/** An operation, and how to make values for its variables. */
export interface GeneratedOperation {
  readonly query: string;
  readonly hasVariables: boolean;
  /** Values by the variables' names; some are left out, some null, where that is allowed. */
  variables(random: Random): Readonly<Record<string, unknown>>;
}

/** Response names that are already taken in one object of the answer: a name stands for one field with its arguments. */
type Scope = Map<string, { readonly signature: string; readonly inner: Scope }>;

interface Variable {
  readonly name: string;
  readonly type: GraphQLInputType;
  /** Its type as the operation declares it. */
  readonly declared: string;
  readonly isRequired: boolean;
  readonly standard: string | undefined;
}

interface State {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  /** Types that an object of a type may have too. */
  readonly neighbours: Map<GraphQLCompositeType, readonly GraphQLCompositeType[]>;
  readonly variables: Variable[];
  readonly fragments: { readonly name: string; readonly on: string; readonly text: string }[];
  /** Fields that may still be selected. */
  budget: number;
}

/** Names that collide: those of keys, of what is required, and of what a gateway adds by itself. */
const ALIASES = [
  'id',
  'name',
  'code',
  'email',
  'length',
  'weight',
  'age',
  'seats',
  'kind',
  '__typename',
  'a',
  'b',
  'number',
];

/** Random operations on the schema, without end. Most are valid; the caller validates. */
export function* generateOperations(schema: GraphQLSchema, random: Random): Generator<GeneratedOperation, never> {
  const neighbours: State['neighbours'] = new Map();
  for (;;) yield generateOperation({ schema, random, neighbours });
}

function generateOperation({
  schema,
  random,
  neighbours,
}: Pick<State, 'schema' | 'random' | 'neighbours'>): GeneratedOperation {
  const isMutation = random.percent(8);
  const root = isMutation ? schema.getMutationType() : schema.getQueryType();
  if (root === null || root === undefined) throw new Error('the schema has no such root');
  const state: State = { schema, random, neighbours, variables: [], fragments: [], budget: 4 + random.below(26) };
  const body = selectionSet(state, { type: root, scope: new Map(), depth: 0 });
  const { variables, fragments } = state;
  const head = variables.length > 0 ? `(${variables.map(declaration).join(', ')})` : '';
  const query = [
    `${isMutation ? 'mutation' : 'query'} Op${head} ${body}`,
    ...fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`),
  ].join('\n');
  return { query, hasVariables: variables.length > 0, variables: (values) => variableValues(variables, values) };
}

const declaration = ({ name, declared, standard }: Variable): string =>
  `$${name}: ${declared}${standard === undefined ? '' : ` = ${standard}`}`;

function variableValues(variables: readonly Variable[], random: Random): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const { name, type, isRequired } of variables) {
    if (!isRequired && random.percent(25)) continue;
    values[name] = !isRequired && !isNonNullType(type) && random.percent(15) ? null : inputValue(random, type);
  }
  return values;
}

interface Place {
  readonly type: GraphQLCompositeType;
  readonly scope: Scope;
  readonly depth: number;
}

function selectionSet(state: State, place: Place): string {
  const { random } = state;
  const parts: string[] = [];
  const wanted = 1 + random.below(place.depth === 0 ? 3 : 5);
  for (let made = 0; made < wanted && (state.budget > 0 || parts.length === 0); made += 1) {
    parts.push(random.percent(place.depth > 0 ? 28 : 8) ? fragment(state, place) : field(state, place));
  }
  return `{ ${parts.join(' ')} }`;
}

function fragment(state: State, place: Place): string {
  const { random } = state;
  const type = random.percent(60) ? overlapping(state, place.type) : place.type;
  const inner = selectionSet(state, { ...place, type, depth: place.depth + 1 });
  if (random.percent(65)) {
    const condition = type === place.type && random.percent(50) ? '' : ` on ${type.name}`;
    return `...${condition}${conditions(state)} ${inner}`;
  }
  const name = `F${state.fragments.length}`;
  state.fragments.push({ name, on: type.name, text: inner });
  return `...${name}${conditions(state)}`;
}

/** A type that an object of this type may have too. */
function overlapping({ schema, random, neighbours }: State, type: GraphQLCompositeType): GraphQLCompositeType {
  let candidates = neighbours.get(type);
  if (candidates === undefined) neighbours.set(type, (candidates = overlappingTypes(schema, type)));
  return random.pick(candidates);
}

function overlappingTypes(schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
  const objects = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  return Object.values(schema.getTypeMap()).filter(
    (other): other is GraphQLCompositeType =>
      isCompositeType(other) &&
      !other.name.startsWith('__') &&
      objects.some((object) => other === object || (isAbstractType(other) && schema.isSubType(other, object))),
  );
}

function field(state: State, { type, scope, depth }: Place): string {
  const { random } = state;
  state.budget -= 1;
  const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
  const leaves = fields.filter((each) => !isCompositeType(getNamedType(each.type)));
  const isDeep = depth > 6 || state.budget <= 0;
  const usable = isDeep ? leaves : fields;
  if (usable.length === 0 || random.percent(6)) {
    return `${responseName(state, { scope, name: '__typename', signature: '__typename' })}${conditions(state)}`;
  }
  const chosen = random.pick(usable);
  const args = argumentList(state, chosen);
  const signature = `${isObjectType(type) ? type.name : ''}.${chosen.name}${args}`;
  const named = getNamedType(chosen.type);
  const text =
    responseName(state, { scope, name: chosen.name, signature: `${signature}:${String(chosen.type)}` }) +
    args +
    conditions(state);
  if (!isCompositeType(named)) return text;
  const key = text.split(/[:( @]/, 1)[0] ?? chosen.name;
  const inner = scope.get(key)?.inner ?? new Map();
  return `${text} ${selectionSet(state, { type: named, scope: inner, depth: depth + 1 })}`;
}

/** `alias: name`, or the name alone, such that no other field of the object has the same. */
function responseName(
  { random }: State,
  { scope, name, signature }: { readonly scope: Scope; readonly name: string; readonly signature: string },
): string {
  let key = random.percent(35) ? random.pick(ALIASES) : name;
  while ((scope.get(key)?.signature ?? signature) !== signature) key = `${key.replace('__', 't')}${random.below(10)}`;
  if (!scope.has(key)) scope.set(key, { signature, inner: new Map() });
  return key === name ? name : `${key}: ${name}`;
}

function argumentList(state: State, { args }: GraphQLField<unknown, unknown>): string {
  const { random } = state;
  const given = args.filter((argument) => isRequiredArgument(argument) || random.percent(45));
  if (given.length === 0) return '';
  return `(${given.map((argument) => `${argument.name}: ${argumentValue(state, argument)}`).join(', ')})`;
}

function argumentValue(state: State, argument: GraphQLArgument): string {
  const { random } = state;
  const { type } = argument;
  if (!random.percent(45)) {
    const value = !isNonNullType(type) && random.percent(10) ? null : inputValue(random, type);
    return literal(value, type);
  }
  return `$${variableOf(state, type, argument.defaultValue !== undefined)}`;
}

/** A variable of this type: one that there is, or a new one. */
function variableOf({ random, variables }: State, type: GraphQLInputType, placeHasDefault: boolean): string {
  const same = variables.filter((variable) => variable.type === type);
  if (same.length > 0 && random.percent(40)) return random.pick(same).name;
  const name = `v${variables.length}`;
  const nullable = isNonNullType(type) ? type.ofType : type;
  const mayBeNullable = !isNonNullType(type);
  const standard = random.percent(35) ? literal(inputValue(random, type), type) : undefined;
  // A nullable variable may stand where null may not, if either has a default (GraphQL specification, section 5.8.5).
  const isRelaxed = isNonNullType(type) && standard !== undefined && !placeHasDefault && random.percent(50);
  const isRequired = !mayBeNullable && standard === undefined;
  variables.push({ name, type, declared: String(isRelaxed ? nullable : type), isRequired, standard });
  return name;
}

const CONDITION = new GraphQLNonNull(GraphQLBoolean);

function conditions(state: State): string {
  const { random } = state;
  if (!random.percent(14)) return '';
  const one = (name: string, usual: boolean): string => {
    const value = random.percent(55)
      ? `$${variableOf(state, CONDITION, false)}`
      : String(random.percent(70) ? usual : !usual);
    return ` @${name}(if: ${value})`;
  };
  const include = random.percent(55) ? one('include', true) : '';
  const skip = include === '' || random.percent(15) ? one('skip', false) : '';
  return random.percent(50) ? include + skip : skip + include;
}

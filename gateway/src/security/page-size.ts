import { GraphQLError, Kind } from 'graphql';
import type { FieldNode, GraphQLArgument, GraphQLField } from 'graphql';
import type { ListSize } from './cost-directives.js';

/** What a page is taken for whose size is not known: the largest that page arguments usually allow. */
export const UNKNOWN_PAGE_SIZE = 100;

/** What tells the size of a page in a graph that has no `@listSize`. */
const SIZE_ARGUMENTS: readonly string[] = ['first', 'last'];

/** Looks a variable up: coerced, with its default; undefined when it was not given. */
export type ReadVariable = (name: string) => unknown;

/** How many items are asked for; undefined when the field has nothing that would tell. */
export function pageSize(
  node: FieldNode,
  {
    field,
    listSize,
    readVariable,
  }: {
    readonly field: GraphQLField<unknown, unknown>;
    readonly listSize: ListSize | undefined;
    readonly readVariable: ReadVariable;
  },
): number | GraphQLError | undefined {
  const names = listSize?.slicingArguments ?? SIZE_ARGUMENTS;
  const slicing = field.args.filter(({ name }) => names.includes(name));
  if (slicing.length === 0) return listSize?.assumedSize;
  const values = slicing.map((argument) => valueOf(node, { argument, readVariable }));
  if (listSize?.requireOneSlicingArgument === true && !isOneGiven(values)) return notOne(node, names);
  const sizes = values
    .map(({ value }) => value)
    .filter((size): size is number => typeof size === 'number' && size >= 0);
  // A page of neither, or of a nonsensical number, is as large as the subgraph likes.
  return sizes.length === 0 ? (listSize?.assumedSize ?? UNKNOWN_PAGE_SIZE) : Math.max(...sizes);
}

interface SlicingValue {
  readonly value: unknown;
  /** By the client, and not by the schema's default. */
  readonly isGiven: boolean;
}

function valueOf(
  node: FieldNode,
  { argument, readVariable }: { readonly argument: GraphQLArgument; readonly readVariable: ReadVariable },
): SlicingValue {
  const given = node.arguments?.find(({ name }) => name.value === argument.name)?.value;
  if (given?.kind === Kind.INT) return { value: Number(given.value), isGiven: true };
  if (given?.kind !== Kind.VARIABLE)
    return { value: given === undefined ? argument.defaultValue : null, isGiven: false };
  const value = readVariable(given.name.value);
  return value === undefined ? { value: argument.defaultValue, isGiven: false } : { value, isGiven: value !== null };
}

/** One default in the schema is as good as one argument, when the client gives none. */
function isOneGiven(values: readonly SlicingValue[]): boolean {
  const given = values.filter(({ isGiven }) => isGiven);
  if (given.length > 0) return given.length === 1;
  return values.filter(({ value }) => typeof value === 'number').length === 1;
}

function notOne(node: FieldNode, names: readonly string[]): GraphQLError {
  return new GraphQLError(
    names.length === 1
      ? `The field "${node.name.value}" needs the argument "${names.join('')}", which says how many items to bring.`
      : `The field "${node.name.value}" needs exactly one of the arguments ${names.map((name) => `"${name}"`).join(', ')}.`,
    { nodes: [node], extensions: { code: 'SLICING_ARGUMENT_REQUIRED', http: { status: 400 } } },
  );
}

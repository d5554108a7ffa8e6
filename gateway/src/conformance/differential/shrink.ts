import { parse, print, separateOperations, validate, visit } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';

/** So often is a smaller operation tried. */
const TRIES = 200;

/** Leaves out of the operation what does not matter: what remains still fails. */
export async function shrink(
  schema: GraphQLSchema,
  query: string,
  fails: (query: string) => Promise<boolean>,
): Promise<string> {
  let best = parse(query, { noLocation: true });
  let tries = 0;
  let at = 0;
  while (tries < TRIES) {
    const smaller = without(best, at);
    if (smaller === undefined) break;
    const text = print(smaller);
    // Printed and parsed again: a selection set that has lost its last field is not seen in the tree.
    if (isValid(schema, text)) {
      tries += 1;
      if (await fails(text)) {
        best = parse(text, { noLocation: true });
        continue;
      }
    }
    at += 1;
  }
  return print(best);
}

/** The document without its n-th removable part, and without fragments and variables that nothing uses any more. */
function without(document: DocumentNode, n: number): DocumentNode | undefined {
  let seen = -1;
  const isRemoved = (): boolean => {
    seen += 1;
    return seen === n;
  };
  let isFound = false;
  const remove = (): null | undefined => {
    if (!isRemoved()) return undefined;
    isFound = true;
    return null;
  };
  const smaller = visit(document, {
    Field: remove,
    InlineFragment: remove,
    FragmentSpread: remove,
    Directive: remove,
    Argument: remove,
  });
  if (!isFound) return undefined;
  const [operation] = Object.values(separateOperations(smaller));
  return operation === undefined ? undefined : withoutUnusedVariables(operation);
}

function withoutUnusedVariables(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  });
  return visit(document, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
  });
}

function isValid(schema: GraphQLSchema, text: string): boolean {
  try {
    return validate(schema, parse(text)).length === 0;
  } catch {
    // Nothing is left to parse.
    return false;
  }
}

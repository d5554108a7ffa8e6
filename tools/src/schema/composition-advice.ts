/** What to do about the composition errors that are met most, by code. */
const ADVICE: Readonly<Record<string, string>> = {
  INVALID_FIELD_SHARING:
    'Only one subgraph may resolve a field. Remove it from the others, or mark it @Directive("@shareable") in all of them.',
  SATISFIABILITY_ERROR:
    'A field can be asked for that no subgraph can reach. Give the type a @key in both subgraphs and a reference resolver.',
  FIELD_TYPE_MISMATCH: 'Give the field the same type in every subgraph that declares it.',
  FIELD_ARGUMENT_TYPE_MISMATCH: 'Give the argument the same type in every subgraph that declares the field.',
  TYPE_KIND_MISMATCH: 'Two subgraphs use one name for different kinds of types. Rename one of them.',
  ENUM_VALUE_MISMATCH: 'An enum that is both input and output must have the same values in every subgraph.',
  REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH:
    'Add the argument in every subgraph that declares the field, or make it optional.',
  REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH:
    'Add the input field in every subgraph that declares the type, or make it optional.',
  KEY_INVALID_FIELDS: 'Every field that @key names must be a field of the type, in this subgraph.',
  EXTERNAL_UNUSED: 'Remove the @external field, or use it in @requires, @provides or @key.',
  EXTERNAL_MISSING_ON_BASE: 'No subgraph owns this field: add it where the type is owned, or remove @external.',
  INVALID_GRAPHQL: 'The SDL is not valid GraphQL: see the message.',
  NO_QUERIES: 'The supergraph needs at least one field on Query.',
};

/** One line of advice, undefined for codes whose message says it all. */
export function adviceFor(code: string): string | undefined {
  return ADVICE[code];
}

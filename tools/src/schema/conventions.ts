import { isTypeDefinitionNode, Kind, parse } from 'graphql';
import type { FieldDefinitionNode, NameNode, StringValueNode, TypeDefinitionNode, TypeNode } from 'graphql';
import type { Finding } from './finding.js';
import { lineOf } from './schema-lines.js';

const ROOT_TYPES: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

/** How a kind of thing is spelt. */
interface Spelling {
  readonly name: string;
  readonly pattern: RegExp;
}

const TYPE: Spelling = { name: 'PascalCase', pattern: /^[A-Z][A-Za-z0-9]*$/ };
const MEMBER: Spelling = { name: 'camelCase', pattern: /^[a-z][A-Za-z0-9]*$/ };
const VALUE: Spelling = { name: 'SCREAMING_SNAKE_CASE', pattern: /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/ };

/** A thing of the schema and its schema coordinate. */
interface Element {
  readonly coordinate: string;
  readonly node: { readonly kind: Kind; readonly name: NameNode; readonly description?: StringValueNode | undefined };
  readonly spelling: Spelling;
}

/**
 * What in a subgraph's schema does not follow the house's conventions: everything is described, types are PascalCase,
 * fields and arguments camelCase, enum values SCREAMING_SNAKE_CASE, queries are nouns, a mutation takes nothing or one
 * `input` named after it and returns a payload, a connection takes `first` and `after`.
 */
export function conventionFindings({ file, sdl }: { readonly file: string; readonly sdl: string }): Finding[] {
  const types = parse(sdl).definitions.filter(isTypeDefinitionNode);
  const faults = types.flatMap((type) => [
    ...elementsOf(type).flatMap(faultsOfElement),
    ...fieldsOf(type).flatMap((field) => faultsOfShape(type.name.value, field)),
  ]);
  return faults.map(({ name, message }) => ({ file, line: lineOf(name), message, severity: 'error' }));
}

interface Fault {
  readonly name: NameNode;
  readonly message: string;
}

/** The type itself and all that has a name in it. */
function elementsOf(type: TypeDefinitionNode): Element[] {
  const typeName = type.name.value;
  // Query, Mutation and Subscription are everybody's: their fields speak for them.
  const elements: Element[] = ROOT_TYPES.has(typeName) ? [] : [{ coordinate: typeName, node: type, spelling: TYPE }];
  if (type.kind === Kind.ENUM_TYPE_DEFINITION) {
    for (const node of type.values ?? [])
      elements.push({ coordinate: `${typeName}.${node.name.value}`, node, spelling: VALUE });
  }
  if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
    for (const node of type.fields ?? [])
      elements.push({ coordinate: `${typeName}.${node.name.value}`, node, spelling: MEMBER });
  }
  for (const field of fieldsOf(type)) {
    const coordinate = `${typeName}.${field.name.value}`;
    elements.push({ coordinate, node: field, spelling: MEMBER });
    for (const node of field.arguments ?? []) {
      elements.push({ coordinate: `${coordinate}(${node.name.value}:)`, node, spelling: MEMBER });
    }
  }
  return elements;
}

function fieldsOf(type: TypeDefinitionNode): readonly FieldDefinitionNode[] {
  const hasFields = type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION;
  return hasFields ? (type.fields ?? []) : [];
}

function faultsOfElement({ coordinate, node, spelling }: Element): Fault[] {
  const faults: Fault[] = [];
  if ((node.description?.value.trim() ?? '') === '')
    faults.push({ name: node.name, message: `${coordinate} has no description` });
  if (!spelling.pattern.test(node.name.value))
    faults.push({ name: node.name, message: `${coordinate} is not ${spelling.name}` });
  return faults;
}

function faultsOfShape(type: string, field: FieldDefinitionNode): Fault[] {
  const { name } = field;
  const parameters = field.arguments ?? [];
  const faults: Fault[] = [];
  if (type === 'Query' && /^(?:get|list|fetch)[A-Z]/.test(name.value)) {
    faults.push({ name, message: `Query.${name.value} begins with a verb: a query is named after what it returns` });
  }
  if (type === 'Mutation') {
    const inputName = `${name.value.charAt(0).toUpperCase()}${name.value.slice(1)}Input`;
    const [input, ...others] = parameters;
    if (
      input !== undefined &&
      (others.length > 0 || input.name.value !== 'input' || namedType(input.type) !== inputName)
    ) {
      faults.push({ name, message: `Mutation.${name.value} takes other arguments than one input: ${inputName}!` });
    }
    if (!namedType(field.type).endsWith('Payload')) {
      faults.push({ name, message: `Mutation.${name.value} returns ${namedType(field.type)}, which is no ...Payload` });
    }
  }
  if (namedType(field.type).endsWith('Connection')) {
    const missing = ['first', 'after'].filter((argument) => !parameters.some((one) => one.name.value === argument));
    if (missing.length > 0)
      faults.push({ name, message: `${type}.${name.value} is a connection without ${missing.join(' and ')}` });
  }
  return faults;
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

import type { Data } from '../data.js';
import type { Overlay } from '../overlay.js';
import type { FieldShape, LeafKind, ObjectShape, ValueShape } from './shape.js';

/**
 * Writes data as the client's JSON text, in one walk and without an object in between. Undefined when the data is not
 * what the schema promises (a null where none may be, a value of another type): then nothing is guessed here, and
 * graphql-js itself decides (complete-answer.ts).
 */
export function writeAnswer(
  { root, overlay }: { readonly root: Data; readonly overlay: Overlay },
  shape: ObjectShape,
  areShared: boolean,
): string | undefined {
  return writeObject(root, shape, { overlay, written: areShared ? new Map() : undefined });
}

/**
 * Text that was put together holds its pieces until it is first read. Answers of one moment wait for each other's turn,
 * and would hold the pieces of all of them; read here, each lets go of its own.
 */
export function inOnePiece(text: string): string {
  return Number.isNaN(text.charCodeAt(0)) ? '' : text;
}

interface Writing {
  readonly overlay: Overlay;
  /**
   * Text that was written before, by what it was written as: an object that stands at many places is written once.
   * Undefined when none does.
   */
  readonly written: Map<ValueShape, Map<object, string>> | undefined;
}

function writeObject(data: Data, shape: ObjectShape, writing: Writing): string | undefined {
  const fields = shape.fields ?? shape.fieldsOf(writing.overlay.typenameOf(data));
  if (fields === undefined) return undefined;
  let completions: readonly Data[] | undefined;
  let text = '{';
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] as FieldShape;
    if (index > 0) text += ',';
    if (field.constant !== undefined) {
      text += field.label + field.constant;
      continue;
    }
    let value = data[field.key];
    if (value === undefined || value === null) {
      completions ??= writing.overlay.completionsOf(data);
      if (completions.length > 0) value = writing.overlay.completed(completions, field.key);
    }
    const written = writeValue(value, field.value, writing);
    if (written === undefined) return undefined;
    text += field.label + written;
  }
  return `${text}}`;
}

function writeValue(value: unknown, shape: ValueShape, writing: Writing): string | undefined {
  if (value === null || value === undefined) return shape.isNullable ? 'null' : undefined;
  switch (shape.kind) {
    case 'object':
      if (typeof value !== 'object' || Array.isArray(value)) return undefined;
      return writing.written === undefined
        ? writeObject(value as Data, shape.object, writing)
        : writeOnce(value, shape, writing);
    case 'list':
      if (!Array.isArray(value)) return undefined;
      return writing.written === undefined
        ? writeList(value, shape.element, writing)
        : writeOnce(value, shape, writing);
    case 'enum':
      return shape.values.get(value);
    case 'string':
    case 'id':
    case 'int':
    case 'float':
    case 'boolean':
    case 'json':
      return writeLeaf(value, shape.kind);
  }
}

function writeOnce(
  value: object,
  shape: Extract<ValueShape, { readonly kind: 'object' | 'list' }>,
  writing: Writing,
): string | undefined {
  let known = writing.written?.get(shape);
  if (known === undefined) {
    known = new Map();
    writing.written?.set(shape, known);
  }
  const before = known.get(value);
  if (before !== undefined) return before;
  const text =
    shape.kind === 'object'
      ? writeObject(value as Data, shape.object, writing)
      : writeList(value as unknown[], shape.element, writing);
  if (text !== undefined) known.set(value, text);
  return text;
}

function writeList(values: readonly unknown[], element: ValueShape, writing: Writing): string | undefined {
  let text = '[';
  for (let index = 0; index < values.length; index += 1) {
    const value = writeValue(values[index], element, writing);
    if (value === undefined) return undefined;
    text += index > 0 ? `,${value}` : value;
  }
  return `${text}]`;
}

const INT_LIMIT = 2 ** 31;

/** Scalars of the specification, section 3.5; anything that would need coercion is left to graphql-js. */
function writeLeaf(value: unknown, kind: LeafKind): string | undefined {
  switch (kind) {
    case 'string':
      return typeof value === 'string' ? JSON.stringify(value) : undefined;
    case 'id':
      if (typeof value === 'string') return JSON.stringify(value);
      return typeof value === 'number' && Number.isInteger(value) ? `"${value}"` : undefined;
    case 'int':
      return typeof value === 'number' && Number.isInteger(value) && value < INT_LIMIT && value >= -INT_LIMIT
        ? String(value)
        : undefined;
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? JSON.stringify(value) : undefined;
    case 'boolean':
      return value === true ? 'true' : value === false ? 'false' : undefined;
    case 'json':
      return JSON.stringify(value);
  }
}

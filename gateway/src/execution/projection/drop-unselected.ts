import type { GraphQLError } from 'graphql';
import { isData } from '../data.js';
import type { Data } from '../data.js';
import type { Overlay } from '../overlay.js';
import { createErrorPaths } from './error-paths.js';
import type { FieldShape, ObjectShape, ValueShape } from './shape.js';

type Path = readonly (string | number)[];

interface Answered {
  readonly root: Data;
  readonly overlay: Overlay;
  readonly shape: ObjectShape;
}

/**
 * Leaves out errors at fields that the client did not select there: asked for an interface object, a subgraph answers
 * for every type under each alias that any of them has. Such an error stays when it may be why a field is null beside
 * it, as that of a field which another one needs, and is not reported there already.
 */
export function dropUnselected(errors: readonly GraphQLError[], answered: Answered): readonly GraphQLError[] {
  const unselected = new Map<GraphQLError, readonly Path[]>();
  for (const error of errors) {
    const nulls = error.path === undefined ? undefined : nullsBeside(error.path, answered);
    if (nulls !== undefined) unselected.set(error, nulls);
  }
  if (unselected.size === 0) return errors;
  const selected = createErrorPaths(errors.filter((error) => !unselected.has(error)));
  return errors.filter((error) => unselected.get(error)?.some((place) => !selected.hasWithin(place)) ?? true);
}

/**
 * Of a path to a field that is not selected the places in its object that nobody answered, for a null that a subgraph
 * answered needs no other reason; undefined for a path to a field that is selected.
 */
function nullsBeside(path: Path, { root, overlay, shape }: Answered): readonly Path[] | undefined {
  let value: unknown = root;
  let current: ValueShape = { kind: 'object', isNullable: true, object: shape };
  for (const [index, step] of path.entries()) {
    if (typeof step === 'number') {
      if (current.kind !== 'list' || !Array.isArray(value)) return undefined;
      current = current.element;
      value = value[step];
    } else {
      if (current.kind !== 'object' || !isData(value)) return undefined;
      const fields = fieldsOf(current.object, value, overlay);
      const field = fields.find(({ key }) => key === step);
      if (field === undefined) {
        const data = value;
        const nulls = fields.filter(
          ({ key, constant }) => constant === undefined && overlay.read(data, key) === undefined,
        );
        return nulls.map(({ key }) => [...path.slice(0, index), key]);
      }
      current = field.value;
      value = overlay.read(value, step);
    }
  }
  return undefined;
}

function fieldsOf(shape: ObjectShape, data: Data, overlay: Overlay): readonly FieldShape[] {
  return shape.fields ?? shape.fieldsOf(overlay.typenameOf(data)) ?? [];
}

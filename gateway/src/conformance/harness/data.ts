/**
 * What a graph tells: an object of a type, by `__typename`. A field that is a function is called with the arguments
 * and finds the object's other fields in `this`; names that begin with `_` are known to no schema.
 */
export type Row = { readonly __typename?: string } & Record<string, unknown>;

/** Everything that a graph knows. */
export interface GraphData {
  /** Entities; a representation finds its own by the fields that both have. */
  readonly rows: readonly Row[];
  /** Root fields of queries and mutations. */
  readonly roots: Row;
}

/**
 * A field of an object that is a value where a subgraph was sent it, and a function of its arguments where the object
 * is whole.
 */
export function read(row: object, field: string, args: object = {}): unknown {
  const value = (row as Row)[field];
  return typeof value === 'function' ? value.call(row, args) : value;
}

/** The row of one of these types whose fields are all as the representation says, however deep. */
export function findRow(rows: readonly Row[], typenames: ReadonlySet<string>, representation: Row): Row | undefined {
  return rows.find((row) => typenames.has(row.__typename ?? '') && agrees(row, representation));
}

/** Fields that a subgraph was sent because it requires them need not be facts of the row: only plain values count. */
function agrees(row: Row, representation: Row): boolean {
  return Object.entries(representation).every(([field, value]) => {
    if (field === '__typename' || !(field in row)) return true;
    const own = row[field];
    if (typeof own === 'function' || Array.isArray(own) || Array.isArray(value)) return true;
    if (isRow(own) && isRow(value)) return agrees(own, value);
    return JSON.stringify(own) === JSON.stringify(value);
  });
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

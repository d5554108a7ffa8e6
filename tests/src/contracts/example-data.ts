import fc from 'fast-check';

/** JSON Schema as far as the schemas of events use it. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
}

const LONGEST = 20;

/** Examples of what a schema accepts. Throws when the schema says something that is not known here. */
export function examplesOf(schema: Schema): fc.Arbitrary<unknown> {
  const { type, anyOf, minItems = 0, maxItems = LONGEST, minimum = -1_000 } = schema;
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(examplesOf));
  if (typeof type === 'object') return fc.oneof(...type.map((each) => examplesOf({ ...schema, type: each })));
  switch (type) {
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer({ min: minimum });
    case 'number':
      return fc.double({ min: minimum, noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(examplesOf(schema.items ?? {}), { minLength: minItems, maxLength: Math.min(maxItems, LONGEST) });
    case 'object':
      return objectOf(schema);
    case undefined:
      return fc.jsonValue();
    default:
      throw new Error(`no examples of ${JSON.stringify(schema)}`);
  }
}

function textOf({ format, pattern, minLength = 0, maxLength = LONGEST }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
      .map((date) => date.toISOString());
  if (format !== undefined || pattern !== undefined) throw new Error(`no examples of ${format ?? pattern}`);
  return fc.string({
    unit: 'grapheme',
    minLength,
    maxLength: Math.max(minLength, Math.min(Math.floor(maxLength / 4), LONGEST)),
  });
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
  if (additionalProperties !== undefined) return fc.dictionary(fc.string(), examplesOf(additionalProperties));
  const values = Object.entries(properties).map(([name, each]) => [name, examplesOf(each)] as const);
  return fc.record(Object.fromEntries(values), { requiredKeys: [...required] });
}

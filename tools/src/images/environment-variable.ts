import { z } from 'zod';

/** One key of a configuration schema, as a person who sets it sees it. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly description: string;
  /** As text in the environment; undefined when there is none. */
  readonly standard: string | undefined;
  readonly choices: readonly string[];
}

/** The keys of a zod object, in its order. Throws when a key has no description: nobody could set it. */
export function environmentVariablesOf(schema: z.ZodType): readonly EnvironmentVariable[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    if (typeof property !== 'object' || property.description === undefined)
      throw new Error(`${name} has no description in its schema`);
    const { description, default: standard, enum: choices = [] } = property;
    return {
      name,
      description,
      standard: asText(standard ?? transformedStandard(schema, name)),
      choices: choices.map(String),
    };
  });
}

/** A default that stands behind a transformation is none of the input, and shows only when nothing is parsed. */
function transformedStandard(schema: z.ZodType, name: string): unknown {
  if (!(schema instanceof z.ZodObject)) return undefined;
  const key = (schema.shape as Readonly<Record<string, z.ZodType>>)[name];
  return key?.safeParse(undefined).data;
}

function asText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

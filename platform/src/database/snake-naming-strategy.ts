import { DefaultNamingStrategy } from 'typeorm';

/** `displayName` in TypeScript is `display_name` in SQL. */
export class SnakeNamingStrategy extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? snakeCase(propertyName);
  }
}

/** `displayName` -> `display_name`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A row as SQL returns it, with the property names of the entity. SQL has no types: the caller names what it selects. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function camelCaseKeys<Row>(row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  ) as Row;
}

/** `dev.orion.<subject>.<what>.v<version>`, lower case. */
export type EventType = `dev.orion.${string}.v${number}`;

const PREFIX = 'dev.orion.';
const TYPE = /^dev\.orion\.(?:[a-z][a-z0-9_]*\.)+v([1-9]\d*)$/;

/** `dev.orion.user.login.v1` -> `user.login`, the same for all versions; a type of another shape is its own name. */
export function nameOfType(type: string): string {
  return TYPE.test(type) ? type.slice(PREFIX.length, type.lastIndexOf('.')) : type;
}

/** Version of an event type, undefined for a type of another shape. */
export function versionOfType(type: string): number | undefined {
  const version = TYPE.exec(type)?.[1];
  return version === undefined ? undefined : Number(version);
}

/** Identifies the JSON Schema of a type: its `$id`, and CloudEvents `dataschema`. */
export function dataSchemaOf(type: string): string {
  return `urn:orion:event:${type}`;
}

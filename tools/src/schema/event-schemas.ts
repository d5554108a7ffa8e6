/** Path of the AsyncAPI document of all events. */
export const ASYNCAPI_FILE = 'schema/events/asyncapi.json';

/** Path of the JSON Schema of an event type. */
export function eventFile(type: string): string {
  return `schema/events/${type}.json`;
}

/** The event type whose JSON Schema a path holds, null for other files. */
export function eventTypeOf(file: string): string | null {
  return /^schema\/events\/(dev\.orion\..+)\.json$/.exec(file)?.[1] ?? null;
}

/** JSON as it is committed. */
export function printJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

import { badUserInput } from '@orion/platform/errors';
import { QueryFailedError } from 'typeorm';

/** PostgreSQL's code for a time zone that it does not know. */
const INVALID_PARAMETER_VALUE = '22023';

/** The name of a zone of the IANA database. Throws BAD_USER_INPUT for anything else, offsets such as +01:00 included. */
export function checkTimezone(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) throw unknownZone(name);
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format();
    return name;
  } catch (error) {
    // RangeError is how Intl says that there is no such zone.
    throw error instanceof RangeError ? unknownZone(name) : error;
  }
}

/** Runs a query with a time zone: the zones of the database may be older than those of this process. */
export async function withTimezone<T>(name: string, query: (timezone: string) => Promise<T>): Promise<T> {
  const timezone = checkTimezone(name);
  try {
    return await query(timezone);
  } catch (error) {
    if (error instanceof QueryFailedError && (error.driverError as { code?: string }).code === INVALID_PARAMETER_VALUE)
      throw unknownZone(name);
    throw error;
  }
}

function unknownZone(name: string): Error {
  return badUserInput(
    `timezone must be a name of the IANA database such as Europe/Berlin, it was ${JSON.stringify(name.slice(0, 50))}.`,
  );
}

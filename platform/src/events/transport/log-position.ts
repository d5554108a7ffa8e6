/**
 * A place in the event log. `time`: the first event recorded then or later, by the clock of the log. `offset`: on
 * Postgres the number of the log row, on Kafka the offset in every partition; one beyond the end is the end.
 */
export type LogPosition = 'beginning' | 'end' | { readonly time: Date } | { readonly offset: number };

/** Throws a RangeError for a time that is no time and for an offset that is no whole number from 0. */
export function assertLogPosition(position: LogPosition): void {
  if (position === 'beginning' || position === 'end') return;
  if ('time' in position) {
    if (!Number.isNaN(position.time.getTime())) return;
    throw new RangeError('position in the event log: the time is not valid');
  }
  if (Number.isSafeInteger(position.offset) && position.offset >= 0) return;
  throw new RangeError(`position in the event log: the offset must be a whole number from 0, not ${position.offset}`);
}

import type { PersonalTable } from '@orion/platform/data-export';

/** What a person gets of the tables of this service. */
export const PERSONAL_TABLES: readonly PersonalTable[] = [
  {
    table: 'events',
    owner: 'user_id',
    columns: ['event_id', 'occurred_at', 'type', 'name', 'session_id', 'anonymous_id', 'properties'],
    orderBy: 'occurred_at DESC, event_id',
  },
];

/** Tables with an id of a person of which a person gets nothing, and why. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  forgotten_people: 'ids of people who were deleted',
};

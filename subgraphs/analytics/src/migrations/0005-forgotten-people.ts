import { defineMigration } from '@orion/platform/database';

export const forgottenPeople = defineMigration(
  5,
  'forgotten-people',
  `
  -- Ids of people who were deleted, so that what is told of them later is stored without them.
  CREATE TABLE forgotten_people (
    user_id uuid PRIMARY KEY,
    forgotten_at timestamptz NOT NULL DEFAULT now()
  );
  `,
);

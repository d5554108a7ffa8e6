import { defineMigration } from '@orion/platform/database';

export const sendAge = defineMigration(
  4,
  'send-age',
  `
  -- For forgetting old ones: rows come in the order of time.
  CREATE INDEX sends_created_at ON sends USING brin (created_at);
  `,
);

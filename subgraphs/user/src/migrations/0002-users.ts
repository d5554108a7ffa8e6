import { defineMigration } from '@orion/platform/database';

export const users = defineMigration(
  2,
  'users',
  `
  CREATE TABLE users (
    id uuid PRIMARY KEY,
    display_name text NOT NULL,
    username text,
    -- A copy, kept by events: auth owns the address.
    email text,
    bio text,
    locale text,
    timezone text,
    -- Display name and words without accents and case, to sort and to search by; written by the service.
    sort_name text NOT NULL,
    search_words text[] NOT NULL,
    -- True while the profile was made by a query and the event of the registration has not arrived.
    provisional boolean NOT NULL,
    profile_version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
  );
  CREATE UNIQUE INDEX users_username_unique ON users (lower(username));
  CREATE INDEX users_by_creation ON users (created_at, id);
  CREATE INDEX users_by_name ON users (sort_name, id);
  CREATE INDEX users_by_email ON users (lower(email));
  -- array_to_tsvector takes the words as they are: no parser and no dictionary, the same in every database.
  CREATE INDEX users_by_words ON users USING gin (array_to_tsvector(search_words));
  `,
);

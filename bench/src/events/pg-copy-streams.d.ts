declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';
  import type { Submittable } from 'pg';

  /** A stream of COPY ... FROM STDIN; pass it to `client.query`. */
  export function from(statement: string): Writable & Submittable;
}

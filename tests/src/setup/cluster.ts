import type { EmbeddedPostgres } from '@orion/tools/embedded-postgres';

/** Set-up and tear-down run in the same process and have nothing else in common. */
export const cluster: { current: EmbeddedPostgres | null } = { current: null };
